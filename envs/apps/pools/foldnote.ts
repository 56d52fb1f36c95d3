/**
 * Words for notes: templates of lists, plans, recipes, journals and ledgers, checklists, notebooks and keywords.
 *
 * Contract: own work, no real brands, nothing personal. A template is a title, a colon pair and lines separated by `;`; slots are
 * `{thing}`, `{place}`, `{day}`, `{hour}` and `{count}`, a whole number from 2 to 40.
 *
 * @module
 */

/** A note as a template. */
export interface NoteTemplate {
  readonly title: string;
  readonly lines: readonly string[];
}

function templates(text: string): readonly NoteTemplate[] {
  return text.trim().split("\n").map((line) => {
    const [title = "", body = ""] = line.split("::");
    return { title: title.trim(), lines: body.split(";").map((part) => part.trim()) };
  });
}

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** Lists: some of the lines, in order. */
export const LISTS: readonly NoteTemplate[] = templates(`
  Books to read :: The Salt Road; A House of Four Winds; Letters to the Ferryman; The Clockmaker's Winter; North of the Orchard; Seven Quiet Rooms
  Films to see :: The Lighthouse Season; Paper Boats; Midnight Tram; The Beekeeper's Map; Two Doors Down; Snow on the Line
  Gift ideas :: scarf in green; a good {thing} set; voucher for {place}; wooden puzzle; tea sampler; photo book
  Quiet places :: {place} before {hour}; the bench behind the mill; upper reading room; {place} on {day}; the ferry in winter
  Paint colours :: hall: warm white; kitchen: sage; door: dark blue; shelf: leave as it is; bathroom: two coats
  Trip ideas :: night train to the coast; cabin in the hills; {place} with bikes; a week of islands; old salt mine
  Words to learn :: lantern; harbour; to borrow; shelf; thunder; a while; to dawdle; brisk
  Bike sizes :: frame {count}; tyres 28; saddle height {count} notches; chain every {count} weeks
  Spare keys :: one at {place}; one with the neighbours; one in the blue tin; garage: on the hook
  Restaurants to try :: the Copper Pan; Noodle Corner; the Plum Room; Casa Verano; Garden Thirteen; the Smoke Shed
  Songs for the car :: slow one first; the one with the whistle; anything with drums; {count} minutes of silence
  Things lent out :: drill: to the neighbours; tent: back in autumn; ladder: {place}; cake tin: choir; atlas: somebody at work
  Board games :: the one with trains; the one with sheep; {count} cards missing in the old one; chess, always
  Teas we like :: mint; smoky; the green one from {place}; nothing with vanilla
  Plants and water :: fern: every {count} days; cactus: hardly ever; basil: mornings; palm: mist it
  Bakeries :: best rolls: by the station; best cake: Bell Lane; open on {day}: {place}; rye bread: early
  Questions for the landlord :: heating in the hall; new lock; who paints; {count} loose tiles; bike cellar light
  Questions for the doctor :: sleep; knee on stairs; how long until {day}; vitamins
  Names for the boat :: Gull; Second Breakfast; Tern; Old Friend; Porridge
  Podcasts to try :: the one about lighthouses; maps and mapmakers; short histories; {count} minute news
  Walks nearby :: canal loop, {count} minutes; {place} and back; hill path by the mill; night walk in summer
  Presents received :: scarf; jam from next door; {count} postcards; a very large mug
  Wifi names heard :: not your router; the attic; {place} guests; grumpy otter
  Things to sell :: old desk; {count} records; the second {thing}; skates; fish tank
  Museums :: tram museum on {day}; glass hall; the small one by {place}; closed in spring: clocks
  Cheese notes :: blue: too blue; goat: yes; the hard one from {place}: again; smoked: for guests
  Good jokes :: the one about the fox and the postman; the two tailors; never the long one
  Ideas for the balcony :: beans on strings; a bench that folds; lamp for evenings; {count} pots at most
  Places with sockets :: {place}, left wall; library, upstairs; train, coach two; not the blue cafe
  Sayings of the children :: the moon is following; soup is wet food; {count} is a lot of sleeps`);

/** Plans: some of the lines, in order. */
export const PLANS: readonly NoteTemplate[] = templates(`
  Garden plan :: {day}: dig the left bed; beans along the fence; compost to the back; {count} bulbs under the pear; water at {hour}
  Training plan :: {day}: easy run; hill repeats on {day}; rest; long run, {count} kilometres; stretch at {hour}
  Cleaning rota :: week one: kitchen; week two: bath; week three: stairs; week four: windows; bins on {day}
  Study plan :: unit {count}; exercises on {day}; review at {hour}; mock test; rest
  Winter plans :: seal the windows; order wood; learn to knit; {place} when it snows
  Moving plan :: boxes by {day}; van at {hour}; {count} friends; pizza after; keys to the office
  Budget rules :: rent first; {count} for going out; nothing on {day}; savings before fun
  Meal plan :: {day}: soup; leftovers; pasta; {day}: fish; whatever is left; pancakes
  House rules :: quiet after ten; dishes the same day; guests: say so; heating off when out; bins on {day}
  Renovation order :: strip the paper; fill the holes; sand; paint twice; floor last
  Holiday plan :: train at {hour}; {place} first; two nights by the lake; back on {day}; buy stamps
  Party plan :: invite by {day}; music: ask around; {count} chairs; cake; door open at {hour}
  Morning routine :: water; stretch {count} minutes; no phone before {hour}; list of three things
  Evening routine :: screens off at {hour}; tidy the table; read {count} pages; lights
  Car care :: oil every spring; tyres on {day}; check lamps; clean the mat
  Phone script :: say the number first; ask for a written answer; thank them; note the name
  Reading year :: one thick book; {count} thin ones; poems in autumn; no buying before {day}
  Language goals :: {count} words a week; one film without help; call on {day}; write a letter
  Repairs at home :: tap in the bath; squeaky door; lamp in the hall; {count} screws for the shelf
  School dates :: parents' evening on {day}; sports day; trip to {place}; concert at {hour}
  Bike tour :: stage one: {count} kilometres; lunch at {place}; ferry at {hour}; back by train
  Choir season :: learn two rounds; {day} rehearsals; black folders; {count} copies; warm scarf
  Desk rules :: inbox empty on {day}; one tab; stand from {hour}; tea, not coffee
  Vaccination plan :: ask for the date; second one after {count} weeks; take the yellow book
  Balcony calendar :: sow in March; out in May; cut in August; wrap pots by {day}
  Emergency list :: torch: hall; water: cellar, {count} bottles; radio: top shelf; numbers on the fridge`);

/** Journals and logs: some of the lines, in order. */
export const JOURNALS: readonly NoteTemplate[] = templates(`
  Running times :: {count} minutes, legs heavy; new shoes, no pain; rain, {count} minutes; best one this month; skipped
  Garden log :: first bean flowers; snails again; {count} tomatoes; rain barrel full; mulched on {day}
  Dream log :: late for a train at {place}; a house with too many doors; {thing} everywhere; flying, low
  Meeting notes :: budget is tight; {day} is the deadline; {count} open points; ask about the {thing}; next one at {hour}
  Sleep diary :: in bed at {hour}; woke {count} times; better without coffee; window open
  Weather notes :: first frost; fog at {place}; {count} days of sun; storm on {day}
  Bread log :: too wet; {count} hours at room warmth; good crust; more salt; best so far
  Bird list :: heron at {place}; {count} geese; owl, heard only; robin on the sill
  Piano practice :: scales, {count} minutes; left hand alone; slow on {day}; played for guests
  Baby steps :: {count} steps; a new tooth; says more; slept through on {day}
  Swim log :: {count} lengths; cold; goggles leak; lane three is best; again on {day}
  Chess games :: lost in {count} moves; draw; never move the bishop first; won at {place}
  Knitting log :: {count} rows; dropped a stitch; sleeve too short; finished the collar
  Work journal :: two calls, {count} mails; helped with the {thing}; quiet {day}; left at {hour}
  Allergy diary :: sneezing at {place}; fine on {day}; not the {thing}; tablets from March
  Tram log :: late by {count} minutes; new line; nice driver; full on {day}
  Coffee notes :: {count} grams; finer; bitter; the one from {place}: again
  Dog diary :: walked {count} minutes; chewed the {thing}; afraid of {place}; good dog
  Lesson notes :: past tense; {count} irregular ones; homework for {day}; ask about word order
  Book club minutes :: {count} of us; nobody liked the end; next at {place}; bring {thing}; {day} at {hour}`);

/** Recipes: all lines. */
export const RECIPES: readonly NoteTemplate[] = templates(`
  Recipe: bean stew :: 300 g beans; 2 onions; 1 carrot; 3 cloves of garlic; soak over night; simmer two hours; salt at the end
  Recipe: plum cake :: 500 g plums; 250 g flour; 120 g butter; 2 eggs; bake 40 minutes; cinnamon on top
  Recipe: potato soup :: 6 potatoes; 1 leek; 1 litre broth; 100 ml cream; cook soft; mash half; nutmeg
  Recipe: pancakes :: 200 g flour; 3 eggs; 400 ml milk; pinch of salt; rest half an hour; hot pan
  Recipe: lentil salad :: 250 g lentils; 1 red onion; parsley; lemon; oil; mix while warm
  Recipe: fish pie :: 600 g white fish; 5 potatoes; 200 g peas; 1 leek; top with mash; bake 30 minutes
  Recipe: apple crumble :: 5 apples; 150 g oats; 100 g butter; 80 g sugar; bake until brown
  Recipe: tomato sauce :: 1 kg tomatoes; 1 onion; basil; oil; cook one hour; no sugar
  Recipe: rye bread :: 400 g rye; 100 g wheat; sourdough; 380 ml water; long rest; bake with steam
  Recipe: mushroom rice :: 300 g mushrooms; 250 g rice; 1 onion; stock; stir; cheese last
  Recipe: carrot cake :: 300 g carrots; 200 g nuts; 4 eggs; 150 g sugar; bake 45 minutes; lemon icing
  Recipe: onion tart :: 6 onions; pastry; 3 eggs; 200 ml cream; bake 35 minutes
  Recipe: pickled beets :: 1 kg beets; vinegar; 2 spoons of sugar; cloves; three weeks in the dark
  Recipe: winter tea :: black tea; orange peel; cinnamon; 4 cloves; honey; ten minutes`);

/** Odd notes: all lines. */
export const ODD_NOTES: readonly NoteTemplate[] = templates(`
  Old addresses :: ask before throwing away
  Measurements :: shelf {count}0 cm; window {count}2 cm; door 80 cm; sofa does not fit
  Meter readings :: January {count}210; February {count}388; March {count}541
  Letter to the council :: Dear all; the lamp at {place} has been dark for {count} weeks; please mend it; kind regards
  Speech :: thank everyone; the story of the boat; raise the glass; sit down
  Locker :: number {count}; turn left twice
  Hat size :: {count}
  Lost and found :: glove, left; umbrella at {place}; {thing} on the {day} train
  Quote from the radio :: nothing is as permanent as a good provisional arrangement
  Seat numbers :: coach two; row {count}; window
  Poem, unfinished :: the river has the colour of tea; and {count} geese are late
  Shoe repair :: ticket {count}7; ready on {day}; by {hour}
  Guitar tuning :: low to high; the third always slips
  Recycling :: glass on {day}; paper every second week; no pizza boxes
  Wedding seating :: aunts apart; children near the door; band by the window; {count} vegetarians
  Car park :: level {count}; by the blue pillar
  Neighbourhood party :: benches from {place}; {count} lanterns; {day}, from {hour}; who brings {thing}
  Allotment :: plot {count}; key on the nail; meeting on {day}
  Code words :: kitchen: heron; cellar: otter; never the same twice
  Theatre :: row {count}; {day} at {hour}; swap with the neighbours if it rains
  Complaint :: bought the {thing} at {place}; broke after {count} days; ask for a new one
  Size of the rug :: two by three; check the door first
  Haircut :: shorter at the back; not before {day}
  Ferry times :: first at {hour}; none on {day}; {count} minutes over
  Insurance call :: they ring back on {day}; file {count}19; be friendly
  Seeds to swap :: {count} beans; late peas; sunflowers; ask at {place}
  Crossword :: seven letters, ends in r; river in the north; try again on {day}
  First aid course :: {day} at {hour}; {place}; take the old certificate
  Choir jokes :: altos first; never about tenors
  Tide table :: high at {hour}; low after lunch; {count} steps to the sand`);

/** Checklists: some of the items. */
export const CHECKLISTS: readonly NoteTemplate[] = templates(`
  Groceries :: milk; bread; eggs; apples; rice; cheese; onions; coffee; flour; beans; honey; lemons; butter; salt; oats
  Packing list :: socks; charger; towel; tickets; map; soap; torch; rain jacket; book; water bottle; glasses; snacks; cap
  House jobs :: clean the oven; mend the lamp; wash the curtains; oil the door; sort the cellar; water filter; defrost
  Party list :: candles; paper cups; music; ice; lemons; chairs; cake; napkins; matches; playlist; invitations
  Office jobs :: order paper; water the plants; label the shelf; check the printer; book the room; send the minutes
  Weekend list :: call home; bike to the lake; bake; letters; cut the hedge; nap; library
  Moving list :: boxes; tape; van; new key; meter readings; change address; clean old flat; thank helpers
  Spring cleaning :: windows; behind the stove; carpets; lamps; books; shoes; garage; attic; letter box
  Camping list :: tent; mats; stove; gas; matches; rope; lamp; pot; knife; sleeping bags; bug spray; cards
  Market list :: plums; leeks; goat cheese; bread; flowers; fish; carrots; mustard; pears; herbs
  School bag :: pencils; ruler; lunch box; gym shoes; scissors; glue; notebook; library card
  Bathroom shelf :: soap; plasters; toothpaste; cotton; shampoo; razors; thermometer
  Baby bag :: nappies; wipes; spare clothes; bottle; blanket; toy; hat; snack
  Tool box :: nails; screws; tape; pliers; glue; sandpaper; drill bits; gloves; pencil; level
  Bike kit :: pump; patches; spare tube; oil; multi tool; light; gloves; chain link
  Holiday shopping :: wrapping paper; ribbon; cards; nuts; oranges; candles; cinnamon; wool
  Desk move :: monitor; cables; lamp; plant; mug; drawer; photos; stapler
  Garden jobs :: rake; sow peas; prune; compost; fix fence; clean pots; sharpen shears; mulch`);

/** Items of a packing list for a trip. */
export const PACKING_ITEMS: readonly string[] = lines(`
  tickets
  passport
  charger
  warm socks
  rain jacket
  swimwear
  sun hat
  torch
  first aid kit
  map
  water bottle
  snacks for the road
  towel
  toothbrush
  cards and dice
  camera
  book
  earplugs
  sunglasses
  spare key`);

/** Notebooks. */
export const NOTEBOOKS: readonly { readonly name: string; readonly about: string }[] = lines(`
  Home: flat and repairs
  Kitchen: recipes and lists
  Work: meetings and plans
  Travel: trips past and next
  Health: sleep, sport, doctors
  Garden: beds and pots
  Family: dates and sizes
  Money: who owes whom
  Reading: books and films
  Club: what we meet for
  Ideas: half thoughts
  School: dates and homework
  Music: songs and practice`).map((line) => {
  const [name = "", about = ""] = line.split(": ");
  return { name, about };
});

/** Keywords. */
export const KEYWORDS: readonly string[] = lines(`
  urgent
  someday
  shared
  winter
  summer
  kids
  car
  flat
  sport
  money
  letters
  wishes
  old
  draft`);
