/**
 * Words for boards: what cards say, their steps, tags and remarks, personal boards, and files that are pinned.
 *
 * Contract: own work, no real brands, nothing personal. Slots: `{name}` somebody's given name, `{day}` a day of the week, `{count}` a
 * small number, `{board}` the board's name.
 *
 * @module
 */

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** What a board is for, by kind of project. */
export const BOARD_ABOUTS: Readonly<Record<"office" | "home" | "club", readonly string[]>> = {
  office: lines(`
    Everything for {board}, one card per task.
    {board}: who does what until when.
    Work of the team on {board}.
    Plan and state of {board}.`),
  home: lines(`
    Our list for {board}.
    {board}, shared between all of us.
    What is left to do for {board}.`),
  club: lines(`
    {board}: tasks of the club.
    Who helps with {board}.
    Preparing {board} together.`),
};

/** Texts of cards. */
export const CARD_TEXTS: readonly string[] = lines(`
  Ask {name} for the latest numbers first.
  The old version is good enough as a start.
  Two people should look at it before it goes out.
  Keep it short, one page at most.
  {name} knows where the originals are.
  Needs a decision by {day}.
  Last time this took {count} hours.
  Take photographs before and after.
  Compare at least {count} offers.
  Do not forget the second floor.
  Everything is in the shared folder.
  Only black and white prints are needed.
  The supplier answers on {day} only.
  Check the spelling of all names.
  Leave room for {count} more lines.
  The key is with {name}.
  Wait for the answer of {name}, then go on.
  We have {count} left from last year.
  Must fit through the narrow door.
  Bring your own gloves.
  The list has {count} open questions.
  A draft is better than nothing by {day}.
  Keep all slips of paper.
  Cheaper if we order before {day}.
  Make {count} copies, one spare.
  Tell the neighbours beforehand.
  The numbers must add up this time.
  See the remarks below.
  Do it on a dry day.
  {name} asked for larger letters.`);

/** Steps of cards. */
export const STEPS: readonly string[] = lines(`
  ask for a quote
  write a first draft
  get a second opinion
  measure twice
  send it to {name}
  wait for an answer
  put it on the list
  print two copies
  check the stock
  find the old file
  call the supplier
  agree on a date
  clear the table
  label the boxes
  take a photograph
  compare prices
  pay the deposit
  collect the keys
  clean everything
  test it once
  correct the names
  ask who is free
  reserve a van
  make a backup
  put up the notice
  count what is left
  write the summary
  thank everybody
  return what was borrowed
  archive the papers
  choose the colour
  order spare parts
  sweep the floor
  carry it upstairs
  book the room
  read it aloud
  fix the mistakes
  sign and send
  store the receipts
  close the card`);

/** Remarks on cards. */
export const CARD_REMARKS: readonly string[] = lines(`
  I can start on {day}.
  Still waiting for an answer.
  Half of it is done.
  {name} has the rest.
  Can we push this to next week?
  Looks good to me.
  I left the papers on your desk.
  The price went up a little.
  Who has the key?
  Done on my side, please check.
  We need {count} more of these.
  That was quicker than I thought.
  I am stuck, can somebody help?
  The van is booked for {day}.
  Please do not print it yet.
  I moved the file to the shared folder.
  {name} wants to see it first.
  The second box is missing.
  It does not fit, I measured again.
  They can deliver on {day}.
  I found {count} mistakes, all fixed now.
  Let us talk about it on {day}.
  Good idea, I will add it.
  The shop is closed on {day}.
  I took over from {name}.
  Almost there.
  This depends on the other card.
  Sorry, I forgot about this one.
  Everything is paid.
  The weather will not allow it.
  Can you look at the last page?
  Thanks, that helps.
  I will bring {count} spare ones.
  No news so far.
  The new version is pinned.
  Please keep the receipt.`);

/** Tags by kind of board. */
export const TAGS: Readonly<Record<"office" | "home" | "club" | "own", readonly string[]>> = {
  office: ["urgent", "waiting", "client", "print", "money", "quick win", "blocked"],
  home: ["heavy", "weekend", "money", "outdoors", "ask landlord", "quick"],
  club: ["members", "money", "venue", "helpers wanted", "print", "music"],
  own: ["soon", "someday", "money", "phone call", "errand"],
};

/** Boards that people keep for themselves, with their cards. */
export const OWN_BOARDS: readonly {
  readonly name: string;
  readonly about: string;
  readonly cards: readonly string[];
}[] = [
  {
    name: "Errands",
    about: "Small things that never end.",
    cards: lines(`
      Renew the library card
      Return the borrowed ladder
      Collect the winter coat
      Post the parcel
      Get keys cut
      Repair the desk lamp
      Buy stamps
      Take bottles back
      Book the dentist
      Fetch the repaired shoes
      Measure the window
      Drop off old clothes`),
  },
  {
    name: "Garden Year",
    about: "What to sow, cut and dig.",
    cards: lines(`
      Cut back the roses
      Sow the radishes
      Mend the fence
      Turn the compost
      Order seed potatoes
      Clean the bird bath
      Sharpen the shears
      Divide the rhubarb
      Paint the garden gate
      Plant the bulbs
      Fix the water butt
      Tie up the beans`),
  },
  {
    name: "Marathon Plan",
    about: "Training until the big day.",
    cards: lines(`
      Choose the race
      Buy running socks
      Run the hill loop
      Book the physio
      Plan the long runs
      Test the gels
      Pick the race shirt
      Register for the start
      Rest week
      Find a training partner
      Check the shoes
      Map the water stops`),
  },
  {
    name: "Evening Course",
    about: "Homework and everything around it.",
    cards: lines(`
      Read chapter one
      Write the first essay
      Make vocabulary cards
      Record the dialogue
      Ask about the exam
      Read chapter two
      Prepare the talk
      Correct the essay
      Practise the numbers
      Borrow the textbook
      Join the study group
      Hand in the project`),
  },
  {
    name: "Living Room",
    about: "From plan to last picture on the wall.",
    cards: lines(`
      Choose the wall colour
      Measure the alcove
      Sell the old sofa
      Order the curtains
      Hang the shelves
      Fix the squeaky board
      Find a reading lamp
      Frame the prints
      Clean the rug
      Move the piano
      Patch the ceiling
      Label the cables`),
  },
  {
    name: "Family Archive",
    about: "Photographs, letters and stories.",
    cards: lines(`
      Scan the red album
      Date the old letters
      Interview aunt Bea
      Sort the slides
      Draw the family tree
      Copy the tapes
      Write down the recipes
      Find the wedding photo
      Label the boxes
      Translate the postcard
      Order archive sleeves
      Make a backup`),
  },
  {
    name: "Bike Overhaul",
    about: "Ready for the long tour.",
    cards: lines(`
      Replace the chain
      True the back wheel
      Order brake pads
      Grease the hubs
      Fit the new rack
      Patch the spare tube
      Clean the gears
      Adjust the saddle
      Test the lights
      Buy a lock
      Check the spokes
      Pack the tool roll`),
  },
  {
    name: "Side Business",
    about: "Candles, made on the kitchen table.",
    cards: lines(`
      Order wax
      Design the label
      Price the small size
      Photograph the new scent
      Answer the market stall
      Count the jars
      Write the care leaflet
      Register the name
      Test the wicks
      Pack the samples
      Compare postage
      File the receipts`),
  },
];

/** Files that are pinned to cards: name and text. */
export const PINNED_FILES: readonly { readonly name: string; readonly text: string }[] = [
  { name: "price-sheet.csv", text: "item,price\nsmall box,{count}.50\nlarge box,1{count}.00\nlid,0.80" },
  { name: "floor-plan.txt", text: "Entrance left of the stairs.\n{count} tables by the window.\nKeep the exit free." },
  { name: "guest-list.txt", text: "{name} and company: {count}\nNeighbours: 6\nStill to ask: 4" },
  { name: "rota.csv", text: "day,who\n{day},{name}\nsat,everybody" },
  { name: "quote.txt", text: "We offer {count} days of work.\nValid for thirty days.\nStart on a {day}." },
  { name: "minutes.md", text: "# Minutes\n- {name} reports\n- {count} open points\n- next meeting on {day}" },
  {
    name: "label-draft.txt",
    text: "Front: name and picture.\nBack: contents in {count} lines.\nAsk {name} for the picture.",
  },
  { name: "checklist.txt", text: "[ ] keys\n[ ] cables\n[ ] {count} chairs\n[ ] first aid kit" },
  { name: "delivery-dates.csv", text: "part,day\nframes,{day}\nglass,two weeks later\nscrews,in stock: {count}00" },
  {
    name: "feedback-form.md",
    text: "# Tell us\n1. What did you like?\n2. What should change?\n3. Marks from 1 to {count}",
  },
];
