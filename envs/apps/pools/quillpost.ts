/**
 * Templates of letters: personal conversations, office mail, clubs, services, newsletters, spam and drafts.
 *
 * Contract: own work, no real brands, nothing personal. In conversations the first line of a block is the subject and each further
 * line one letter, sender and receiver taking turns; ` / ` starts a new line. Slots: `{name}` and `{me}` are the first names of
 * receiver and sender, `{day}`, `{date}`, `{hour}`, `{place}`, `{thing}`, `{amount}`, `{count}`, `{number}`, `{trip}`, `{table}` (where
 * one eats) and `{month}` are the same in all letters of a conversation.
 *
 * @module
 */

/** A conversation: subject and letters in order. */
export interface Thread {
  readonly subject: string;
  readonly letters: readonly string[];
}

function unfold(line: string): string {
  return line.trim().replaceAll(" / ", "\n");
}

function threads(text: string): readonly Thread[] {
  return text.trim().split(/\n\s*\n/).map((block) => {
    const [subject = "", ...letters] = block.trim().split("\n").map(unfold);
    return { subject, letters };
  });
}

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map(unfold);
}

/** Between friends and relatives. */
export const PERSONAL: readonly Thread[] = threads(`
  The old bicycle
  Hello {name}, / I am clearing out the cellar. Do you still want the green bicycle? It needs a new chain, nothing else. / {me}
  Dear {name}, / yes please! I can fetch it on {day} around {hour}. / {me}
  {day} is fine. The key is under the third pot from the left. / {me}

  Recipe, as promised
  Hi {name}, / you asked for the plum dumplings: {count} hundred grams of curd cheese, one egg, flour until it stops sticking. Boil for ten minutes, roll in crumbs. / {me}
  Thank you! I made them on {day} and there was nothing left for breakfast. / {me}

  Weekend at the lake
  Dear {name}, / we have taken the hut at {trip} for {count} nights. There is one bed left, should I keep it for you? / {me}
  Oh, keep it! When do you start and what should I bring? / {me}
  We start on {day} at {hour} from {place}. Bring {thing} and a warm jumper. Your part is {amount}. / {me}
  Perfect, I will be there with {thing}. / {me}

  Photos
  Hi {name}, / the photos from {trip} are sorted at last, {count} of them are good. I keep the rest out of kindness. / {me}
  You look so serious on the boat. Could I have the one with the dog? / {me}
  It is yours. Printed or as a file? / {me}
  Printed, please. It goes to {place}. / {me}

  Your birthday table
  Dear {name}, / I have a table at {table} on {day}, {hour}, under my name. {count} people so far. Is anybody missing? / {me}
  You are the best. Nobody is missing, and no singing please. / {me}

  Borrowed drill
  Hello {name}, / do you still have my drill? I need it on {day}. / {me}
  I do. Shall I bring it to {place} at {hour}? / {me}
  Yes, and the long bits, they are in the lid. / {me}

  Dog sitting
  Hi {name}, / we are away from {day} for {count} days. Could the dog stay with you? He eats twice and sleeps the rest. / {me}
  With pleasure. Does he still hate the vacuum cleaner? / {me}
  Worse than ever. I bring him on {day} at {hour}, with his blanket. / {me}

  About the wedding present
  Dear {name}, / I suggest we give them the garden bench together. It is {amount} for each of us. / {me}
  Good idea. I have sent you my part. Who writes the card? / {me}
  You do, you have the better hand. We meet on {day} at {place}. / {me}

  A room for my cousin
  Hi {name}, / my cousin moves to Harrowby in {month} and looks for a room. Have you heard of anything up to {amount}? / {me}
  There is one in our street, second floor, quiet. I have asked: the viewing is on {day} at {hour}. / {me}
  You are a treasure, she will be there. / {me}

  Garden help
  Dear {name}, / the hedge has won again. Could you come on {day} with the big ladder? There will be cake. / {me}
  For cake I bring two ladders. See you at {hour}. / {me}

  That book you mentioned
  Hi {name}, / what was the name of the book about the lighthouse keeper? I could not find it at {place}. / {me}
  It is out of print, but you can have mine until {month}. Chapter {count} is the best one. / {me}
  Thank you, I will treat it like an egg. / {me}

  Choir practice and a lift
  Hello {name}, / could you take me along on {day}? My car is at the workshop. / {me}
  Of course, I pick you up at {hour}. / {me}

  Moving day
  Dear {name}, / we move on {day} and I have asked everybody with a back. Could you help from {hour} on? Pizza afterwards. / {me}
  I am in. Should I bring the van? / {me}
  Yes! It saves us {amount}. Park behind the house, the yard key is number {count}. / {me}
  Noted. I bring gloves for {count} people, too. / {me}

  The spare key
  Hi {name}, / did I leave my spare key with you, or with the neighbours? / {me}
  With me. It hangs beside the blue cup. / {me}

  Old letters found
  Dear {name}, / in grandmother's box I found {count} letters from the year of the flood. You should read them. / {me}
  I would love to. Can we read them together on {day}? / {me}
  Come at {hour}, I make tea. / {me}

  Concert tickets
  Hi {name}, / I have one ticket too many for {day}. It cost {amount}, but for you it is a present. / {me}
  Really? Then the drinks are mine. Where do we meet? / {me}
  At {place}, {hour}, near the fountain. / {me}

  Running shoes
  Hello {name}, / which shoes did you say are good for wet paths? Mine have holes. / {me}
  The ones with the grey sole, half a size larger. They were {amount} in {month}. / {me}

  Bread starter
  Hi {name}, / my starter is alive again. Do you want half of it? Feed it on {day} and keep it away from the oven. / {me}
  Yes, mine died while we were at {trip}. I come by at {hour}. / {me}

  Table for the balcony
  Dear {name}, / I saw your advert: is the folding table still there? I would take it for {amount}. / {me}
  It is, and for you it is free if you carry it down {count} floors. / {me}
  Deal. {day}, {hour}? / {me}

  Allergy list for the dinner
  Hi {name}, / before I plan the menu for {day}: is there anything you do not eat? / {me}
  No nuts for me, and I think one of us takes no milk. Shall I bring {thing}? / {me}
  Please do. We eat at {hour}, there will be {count} of us. / {me}

  Lost umbrella
  Hello {name}, / I think I left a black umbrella with a wooden handle at your place. / {me}
  There are three here now. Come and choose. / {me}

  Spring at {trip}
  Dear {name}, / shall we walk around {trip} this {month}? The path is {count} kilometres and there is an inn half way. / {me}
  I would like that. My knee wants to know how steep it is. / {me}
  Flat, but for the last hill. We could start on {day} at {hour}. / {me}
  Agreed, and I book the inn. / {me}

  Piano needs a home
  Hi {name}, / we have to give the piano away, the new flat is too small. You once said you wanted to play again. / {me}
  I still do. What would it cost to move it? / {me}
  The movers ask {amount} and come on {day}. / {me}

  A question about the camera
  Dear {name}, / you know about cameras: is {amount} a fair price for a used one with two lenses? / {me}
  It depends on the shutter. Let me look at it on {day}, I am at {place} anyway. / {me}

  Thank you
  Dear {name}, / thank you for the evening at {table}. I have not laughed like that since {month}. / {me}

  Congratulations
  Dear {name}, / I heard that you got the post. Congratulations! We should drink to it on {day}. / {me}
  Thank you! {table} at {hour}, and the first round is mine. / {me}

  Sorry about {day}
  Hello {name}, / I am sorry that I missed {day}. I had written it down for the week after. / {me}
  It happens. Next time is in {month}, write it in ink. / {me}

  Where to stay
  Hi {name}, / we are driving to {trip} in {month}. Do you know a place to stay that is not too dear? / {me}
  The house by the ferry, ask for room {count}. We paid {amount} for the night. / {me}
  Booked! Thanks for the tip. / {me}

  Sewing machine
  Dear {name}, / may I borrow your sewing machine until {day}? I am making curtains, wish me luck. / {me}
  You may. The needle for thick cloth is in the small tin. / {me}

  Quiz evening
  Hi {name}, / the quiz at {table} needs a fourth person, somebody who knows about music. {day}, {hour}. Interested? / {me}
  Only if nobody asks me about sport. / {me}
  That is my part. The fee is {amount} for the team. / {me}`);

/** Between colleagues, about single things. */
export const WORK: readonly Thread[] = threads(`
  Room for {day}
  Hello {name}, / the large room is taken on {day}. I have booked room {count} from {hour} on. / {me}
  Thanks, that will do. / {me}

  Numbers for {month}
  Dear {name}, / could you send me the numbers for {month} by {day}? I need them for the report. / {me}
  Hello {name}, / here they come: {number} in all, {count} of them late. / {me}
  Great, that was quick. / {me}

  Holiday cover
  Hi {name}, / I am away in {month} for {count} days. Could you look after my inbox? / {me}
  I can, but not on {day}. / {me}

  Printer on the second floor
  Hello {name}, / the printer eats paper again. Do you know the code for the service line? / {me}
  It is {number}. Ask for the man with the moustache. / {me}

  Visit from the supplier
  Dear {name}, / the supplier comes on {day} at {hour}. They bring {count} samples. Can you join? / {me}
  I will be there. Who fetches them from {place}? / {me}
  I do. / {me}

  Lunch list
  Hello {name}, / we order from {table} on {day}. Tell me by {hour} what you want, it is {amount} each. / {me}
  The soup and the bread, please. / {me}

  Training in {month}
  Dear {name}, / you asked about the training: it takes {count} days and costs {amount}. I need your answer by {day}. / {me}
  Please put me down. / {me}

  Lost access card
  Hello {name}, / somebody found an access card with the number {number}. Is it yours? / {me}
  It is, thank heavens. I come down at {hour}. / {me}

  Wording of the notice
  Hi {name}, / I have shortened the notice to {count} lines. Could you read it before {day}? / {me}
  Read it. I would move the date to the top. / {me}
  Done. It goes out at {hour}. / {me}

  Desk by the window
  Dear {name}, / the desk by the window is free from {month} on. Do you want it? / {me}
  Yes, if the heating there works. / {me}`);

/** First letter of a project; slots `{project}`, `{name}` is everybody, `{me}`, `{date}`. */
export const KICK_OFFS: readonly string[] = lines(`
  Hello all, / we begin with {project} today. The board is set up, please look at your cards by the end of the week. / {me}
  Dear team, / {project} is ours. I have made a board with everything that we know so far. Questions to me, please. / {me}
  Hello, / today is the first day of {project}. Have a look at the board and tell me if something is missing. / {me}
  Dear all, / {project} starts today. We meet every second week; the rest goes through the board and by mail. / {me}`);

/** Letter with a list of things to do; slots `{project}`, `{list}`, `{me}`. */
export const ACTION_LISTS: readonly string[] = lines(`
  Hello all, / from our meeting about {project}, what is to be done: / {list} / Thanks, / {me}
  Dear team, / these are the next steps for {project}: / {list} / Please tell me early if a date is too tight. / {me}
  Hello, / action list for {project}: / {list} / {me}
  Dear all, / a short reminder of what we agreed on for {project}: / {list} / See you next week, / {me}
  Hello team, / {project} moves on. Open points: / {list} / {me}`);

/** Answers to office letters; slots `{name}`, `{me}`, `{day}`, `{project}`. */
export const OFFICE_ANSWERS: readonly string[] = lines(`
  Thank you, {name}. Mine will be ready by {day}. / {me}
  Fine with me. / {me}
  {name}, could we talk about the second point on {day}? / {me}
  I can take one more of these if that helps. / {me}
  Seen, thank you. / {me}
  One question: who has the old files about {project}? / {me}
  I am out on {day}, but the rest works. / {me}
  Good list. I would swap the first two. / {me}`);

/** Letters with a paper about a project; slots `{project}`, `{me}`, `{day}`. */
export const PAPERS: readonly { readonly body: string; readonly name: string; readonly text: string }[] = [
  {
    body: "Hello all,\nthe minutes of our meeting about {project} are enclosed.\n{me}",
    name: "minutes-{slug}-{date}.txt",
    text: "Minutes, {project}, {date}\nPresent: {count} people\nDecided: we go on as planned\nNext meeting: {day}",
  },
  {
    body: "Dear team,\nenclosed is the budget for {project} as it stands.\n{me}",
    name: "budget-{slug}-{date}.pdf",
    text: "Budget of {project}\nDate: {date}\nPlanned: {number}\nSpent: {amount}",
  },
  {
    body: "Hello,\nI have put the offers for {project} into one file, see below.\n{me}",
    name: "offers-{slug}-{date}.csv",
    text: "supplier,price\nNordhaus,{number}\nMellow,{amount}\nTresk,{count}00",
  },
  {
    body: "Dear all,\nthe schedule of {project} has changed, the new one is enclosed.\n{me}",
    name: "schedule-{slug}-{date}.pdf",
    text: "Schedule of {project}\nVersion of {date}\nReview on {day}\nHand-over {count} weeks later",
  },
];

/** Agenda of a club meeting; slots `{club}`, `{topic}`, `{place}`, `{date}`, `{hour}`, `{me}`. */
export const AGENDAS: readonly string[] = lines(`
  Dear members of the {club}, / we meet on {date} at {hour}. / Place: {place} / Topic: {topic} / Please bring your own cup. / {me}
  Hello everybody, / the next evening of the {club}: / Place: {place} / Date: {date}, {hour} / Topic: {topic} / See you there, / {me}
  Dear all, / agenda for {date}: / 1. Welcome / 2. {topic} / 3. Who brings what next time / Place: {place}, {hour} / {me}
  Hello, / a reminder that the {club} meets at {place} on {date}, {hour}. Topic: {topic} / Newcomers are welcome. / {me}
  Dear friends of the {club}, / topic of our next evening: {topic} / Place: {place} / When: {date} at {hour} / {me}`);

/** Answers to an agenda; slots `{name}`, `{me}`, `{day}`. */
export const AGENDA_ANSWERS: readonly string[] = lines(`
  I will be there. / {me}
  I can not come this time, sorry. / {me}
  Could we begin half an hour later? / {me}
  I bring cake. / {me}
  Is there room for a guest? / {me}`);

/** What comes with a trip; slots `{title}`, `{place}`, `{date}`, `{hour}`, `{total}`, `{part}`, `{me}`. */
export const TRIP_PLANS: readonly string[] = lines(`
  Hello, / this is the plan for {place}: we leave on {date} at {hour}. Everybody brings a sleeping bag and one dish. / {me}
  Dear travellers, / {place} is booked. Departure: {date}, {hour}. The house rules are enclosed. / {me}
  Hi all, / {title}, {date}: we meet at {hour} and share two cars. Tell me if you drive. / {me}`);

/** After an outing; slots as above. */
export const OUTING_SUMS: readonly string[] = lines(`
  Hello, / {title} came to {total} in all, that is {part} for each of you. / {me}
  Hi all, / the bill of {title}: {total}. Please send me {part} when you can. / {me}
  Dear all, / I paid {total} for {title}. Your part is {part}. / {me}`);

/** Answers to plans and sums; slots `{name}`, `{me}`, `{day}`. */
export const OUTING_ANSWERS: readonly string[] = lines(`
  Great, thank you for planning, {name}! / {me}
  Noted. You will have it by {day}. / {me}
  I can drive, there is room for three. / {me}
  It was lovely, let us do it again. / {me}
  Thanks, {name}. I will bring the salad. / {me}`);

/** Companies that send statements for what a home uses. */
export const UTILITIES: Readonly<
  Record<string, { readonly address: string; readonly subject: string; readonly body: string }>
> = {
  rent: {
    address: "office@harrowbyhomes.test",
    subject: "Rent for {month}",
    body: "Dear tenant,\nthe rent for {month} is {amount}. The statement is enclosed.\nDue by: {due}\nHarrowby Homes",
  },
  power: {
    address: "billing@canalpower.test",
    subject: "Power statement {month}",
    body:
      "Dear customer,\nyour power statement for {month} is enclosed.\nAmount due: {amount}\nDue by: {due}\nCanal Power",
  },
  internet: {
    address: "accounts@ferrynet.test",
    subject: "Your internet bill for {month}",
    body: "Dear customer,\nthe bill for {month} is enclosed.\nAmount due: {amount}\nDue by: {due}\nFerrynet",
  },
  water: {
    address: "meter@harrowbywater.test",
    subject: "Water statement {month}",
    body:
      "Dear customer,\nyour water statement for {month} is enclosed.\nAmount due: {amount}\nDue by: {due}\nHarrowby Water",
  },
};

/** Other senders who are no people; slots `{day}`, `{date}`, `{hour}`, `{number}`, `{amount}`, `{name}`, `{thing}`. */
export const SERVICE_LETTERS: readonly {
  readonly address: string;
  readonly subject: string;
  readonly body: string;
  readonly enclosed?: { readonly name: string; readonly text: string };
}[] = [
  {
    address: "desk@harrowbydentist.test",
    subject: "Your appointment on {date}",
    body: "Dear {name},\nwe expect you on {date} at {hour}. Please bring your card.\nHarrowby Dentist",
  },
  {
    address: "loans@townlibrary.test",
    subject: "Books due on {date}",
    body: "Dear reader,\n{count} books are due on {date}. They can be prolonged once.\nTown Library",
  },
  {
    address: "loans@townlibrary.test",
    subject: "Your reservation is here",
    body: "Dear reader,\nthe book that you asked for is at the desk until {date}. Number: {number}\nTown Library",
  },
  {
    address: "workshop@bikerepair.test",
    subject: "Your bicycle is ready",
    body:
      "Hello {name},\nthe bicycle is ready. New chain, new brakes: {amount}\nThe invoice is enclosed.\nBike Repair Shop",
    enclosed: {
      name: "invoice-{number}.pdf",
      text: "Bike Repair Shop\nInvoice {number}\nDate: {date}\nTotal: {amount}",
    },
  },
  {
    address: "care@vetclinic.test",
    subject: "Vaccination in {month}",
    body: "Dear {name},\nthe yearly vaccination is due. We have time on {date} at {hour}.\nVet Clinic",
  },
  {
    address: "shop@gardencentre.test",
    subject: "Your seed order",
    body: "Dear {name},\nyour seeds are packed and can be fetched from {day} on. Total: {amount}\nGarden Centre",
    enclosed: { name: "receipt-{number}.txt", text: "Garden Centre\nReceipt {number}\nDate: {date}\nTotal: {amount}" },
  },
  {
    address: "office@harrowbyhomes.test",
    subject: "Water off on {date}",
    body: "Dear tenants,\non {date} from {hour} the water will be off for about two hours.\nHarrowby Homes",
  },
  {
    address: "office@harrowbyhomes.test",
    subject: "House meeting",
    body:
      "Dear tenants,\nthe yearly meeting is on {date} at {hour} in the yard. The agenda is enclosed.\nHarrowby Homes",
    enclosed: {
      name: "agenda-{date}.pdf",
      text: "House meeting {date}\n1. Bicycles in the hall\n2. New bins\n3. Summer party",
    },
  },
  {
    address: "policies@mooringinsurance.test",
    subject: "Your policy {number}",
    body: "Dear {name},\nyour policy {number} goes on for another year. Yearly fee: {amount}\nMooring Insurance",
    enclosed: {
      name: "policy-{number}.pdf",
      text: "Mooring Insurance\nPolicy {number}\nFrom: {date}\nYearly fee: {amount}",
    },
  },
  {
    address: "tickets@harrowbystage.test",
    subject: "Your tickets for {date}",
    body: "Dear {name},\nyour tickets are enclosed. Doors open at {hour}.\nHarrowby Stage",
    enclosed: { name: "tickets-{number}.pdf", text: "Harrowby Stage\n{date}, {hour}\nSeats: {count}\nCode: {number}" },
  },
  {
    address: "lost@harrowbytrams.test",
    subject: "Lost property {number}",
    body:
      "Dear passenger,\nsomething that may be yours was found on line {count}. Ask for number {number}.\nHarrowby Trams",
  },
  {
    address: "parcels@packhorse.test",
    subject: "Parcel {number} could not be delivered",
    body: "Dear {name},\nnobody was at home. Parcel {number} waits at {place} until {date}.\nPackhorse",
  },
];

/** Newsletters: sender and issues. */
export const NEWSLETTERS: readonly {
  readonly name: string;
  readonly address: string;
  readonly issues: readonly { readonly subject: string; readonly body: string }[];
}[] = [
  {
    name: "Marrow & Leek",
    address: "news@marrowandleek.test",
    issues: [
      {
        subject: "Five soups for {month}",
        body: "This week: five soups that need one pot.\nReader's tip: freeze the stock.",
      },
      { subject: "What is ripe in {month}", body: "Leeks, and more leeks. Our calendar shows what to buy now." },
      { subject: "Bread without kneading", body: "Time does the work. Flour, water, salt and patience until {day}." },
      {
        subject: "Readers' kitchens: {count} pictures",
        body: "You sent us your kitchens. We like the one with the parrot best.",
      },
    ],
  },
  {
    name: "The Harrowby Herald",
    address: "letters@harrowbyherald.test",
    issues: [
      {
        subject: "Herald weekly: the bridge opens",
        body: "The bridge at the mill opens on {day}.\nAlso: {count} new trees for the market square.",
      },
      {
        subject: "Herald weekly: trams run later",
        body: "From {month} on the last tram leaves at midnight.\nAlso: who feeds the swans?",
      },
      {
        subject: "Herald weekly: market day",
        body: "All about the market day, with a map and the times of the choir.",
      },
      {
        subject: "Herald weekly: a mild {month}",
        body: "The warmest {month} for {count} years, says the weather station.",
      },
    ],
  },
  {
    name: "Slow Miles",
    address: "hello@slowmiles.test",
    issues: [
      { subject: "Walks near {trip}", body: "Three walks near {trip}, the shortest takes {count} hours." },
      { subject: "Night trains, again", body: "A night train to {trip}: what it costs and how one sleeps." },
      { subject: "Packing light", body: "One bag, {count} kilos. We show what we leave at home." },
      { subject: "Huts that open in {month}", body: "The list of huts that open early this year. Book soon." },
    ],
  },
  {
    name: "Thread Count",
    address: "patterns@threadcount.test",
    issues: [
      { subject: "Mend it: elbows", body: "Patches that look as if they were meant. With a drawing." },
      { subject: "Wool week", body: "Until {day} all our wool patterns are free for members." },
      { subject: "A coat in {count} evenings", body: "Follow along: this week we cut the lining." },
      { subject: "Your questions about hems", body: "Nobody asked, but everybody should know: hems." },
    ],
  },
  {
    name: "Small Screens",
    address: "digest@smallscreens.test",
    issues: [
      { subject: "Films for {month}", body: "What runs in the small cinemas this month, and what to skip." },
      { subject: "The slow film list", body: "{count} films in which almost nothing happens, beautifully." },
      { subject: "Silent film with piano", body: "On {day}: a silent film with piano at the old cinema." },
      { subject: "Directors at work", body: "A talk about light, in two parts. Part one is free." },
    ],
  },
  {
    name: "Penny Pockets",
    address: "tips@pennypockets.test",
    issues: [
      {
        subject: "Save {amount} on heating",
        body: "Draughts cost more than you think. Our checklist has {count} points.",
      },
      { subject: "The envelope method", body: "Old, simple, and it works: one envelope for each kind of cost." },
      { subject: "Is it worth repairing?", body: "A table with {count} machines and what we would do." },
      { subject: "Your year in numbers", body: "How to look back on a year of spending without tears." },
    ],
  },
  {
    name: "Green Ledge",
    address: "garden@greenledge.test",
    issues: [
      {
        subject: "To do on the balcony in {month}",
        body: "Sow, cut back, wait. And keep the snails away from the basil.",
      },
      { subject: "Tomatoes: begin now", body: "It is early, but the window sill is warm. Use {count} seeds a pot." },
      { subject: "Seed swap on {day}", body: "Bring what you have too much of and go home with something else." },
      { subject: "The patient cactus", body: "It needs nothing. That is the whole article." },
    ],
  },
  {
    name: "Wheel and Chain",
    address: "team@wheelandchain.test",
    issues: [
      { subject: "New tyres for {month}", body: "We compared {count} tyres in the rain so that you need not." },
      { subject: "The canal route", body: "Forty kilometres, no hills, two ferries. Map enclosed in our app." },
      { subject: "Bells, tested", body: "The loudest bell is not the best one." },
      { subject: "Locks under {amount}", body: "What holds and what does not." },
    ],
  },
  {
    name: "Quiet Desk",
    address: "weekly@quietdesk.test",
    issues: [
      { subject: "Meetings of {count} minutes", body: "What happens if every meeting is short? One office tried it." },
      { subject: "Write less mail", body: "We see the joke. Still: five ways to write less." },
      { subject: "A better list", body: "Why lists of {count} things work and longer ones do not." },
      { subject: "Work from the allotment", body: "Six readers, six sheds, one slow line." },
    ],
  },
  {
    name: "Paper Boats Club",
    address: "captain@paperboats.test",
    issues: [
      { subject: "Fold of the month", body: "A heron in {count} steps. Thin paper is best." },
      { subject: "Regatta on {day}", body: "Boats up to thirty centimetres may start. Glue is not allowed." },
      { subject: "Paper for {month}", body: "Our new paper comes from old maps." },
      { subject: "Members' fleet", body: "The nicest boats that you sent us in {month}." },
    ],
  },
];

/** Letters that nobody wants: sender, subject and text. */
export const SPAM_LETTERS: readonly { readonly address: string; readonly subject: string; readonly body: string }[] = [
  {
    address: "winner@luckyprize.test",
    subject: "You have won!",
    body: "You have won {amount}. Answer within {count} hours.",
  },
  { address: "offer@bestloans.test", subject: "Money in one day", body: "Loans up to {number}, nobody asks why." },
  { address: "doctor@wonderpills.test", subject: "Lose {count} kilos", body: "One pill a day. Results on {day}." },
  {
    address: "alert@securemailcheck.test",
    subject: "Your mailbox is full",
    body: "Confirm your password or lose your letters on {day}.",
  },
  {
    address: "heir@farawaybank.test",
    subject: "A matter of trust",
    body: "I hold {number} and need a partner like you.",
  },
  { address: "sale@watchworld.test", subject: "Watches, almost free", body: "Only on {day}: {amount} each." },
  {
    address: "crypt@coinrocket.test",
    subject: "Turn {amount} into {number}",
    body: "It can not go wrong. Write back today.",
  },
  { address: "job@easyhome.test", subject: "Earn {amount} an hour", body: "From home, no skills needed, only a fee." },
];

/** Letters that were begun and never sent; slots as in conversations. */
export const DRAFTS: readonly { readonly subject: string; readonly body: string }[] = [
  { subject: "About {day}", body: "Dear {name},\nI wanted to ask you about" },
  { subject: "Thank you for the {thing}", body: "Dear {name},\nthank you for the {thing}." },
  { subject: "Idea for {month}", body: "What if we went to {trip} in {month}? We could" },
  { subject: "", body: "Call the dentist\nAsk about the {thing}" },
  { subject: "Complaint", body: "Dear Sir or Madam,\nthe {thing} that I bought for {amount}" },
  { subject: "Invitation", body: "Dear {name},\nwe are giving a small party on {day} at {hour}." },
  { subject: "Question about the {thing}", body: "" },
  { subject: "Long letter", body: "Dear {name},\nit has been a while. Since {month} a lot has happened:" },
  { subject: "Sorry", body: "Dear {name},\nabout last {day}" },
  { subject: "Numbers", body: "{number}\n{amount}\n{count}" },
  {
    subject: "Directions to {place}",
    body: "From the station take the second street, then {count} doors to the left.",
  },
  { subject: "Old notes", body: "" },
];

/** Scheduled letters; slots as in conversations. */
export const SCHEDULED: readonly { readonly subject: string; readonly body: string }[] = [
  { subject: "A reminder for {month}", body: "Dear {name},\nyou asked me to remind you of the {thing}." },
  { subject: "Summer plans", body: "Dear {name},\nby now you should know: do we go to {trip}?" },
  { subject: "The yearly list", body: "Hello {name},\nit is time for the yearly list. Who brings the {thing}?" },
  { subject: "See you soon", body: "Dear {name},\nI am looking forward to {trip}." },
];

/** Names of tags. */
export const TAG_NAMES: readonly string[] = lines(`
  bills
  work
  family
  friends
  travel
  receipts
  club
  reading
  to answer
  home`);
/** What away notes say; slots `{date}` and `{me}`. */
export const AWAY_TEXTS: readonly string[] = lines(`
  I am away until {date} and read no letters. / {me}
  Thank you for your letter. I am back after {date}. / {me}
  I am on holiday until {date}. It can wait, can it not? / {me}`);

/** Files in personal letters; slots as in conversations, `{slug}` is the trip. */
export const PERSONAL_FILES: readonly { readonly name: string; readonly text: string }[] = [
  { name: "map-{slug}.txt", text: "From the station left, over the bridge,\nthen {count} gates up to {trip}." },
  { name: "photo-{number}.jpg", text: "A picture of {place}, taken on a {day}." },
  {
    name: "recipe-{number}.txt",
    text: "Plum cake\n{count} eggs\n200 g sugar\n300 g flour\n1 kg plums\nBake until it smells right.",
  },
  { name: "list-{number}.txt", text: "1. {thing}\n2. rope\n3. tea\n4. a good book" },
  { name: "song-{number}.txt", text: "Second voice, from bar {count}:\nslow, then slower." },
  { name: "scan-{number}.pdf", text: "Scanned page\nDated {date}\nSum: {amount}" },
];
