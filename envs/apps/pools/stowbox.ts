/**
 * What files say: receipts with lines that add up, statements, letters, and 80 templates for everything else.
 *
 * Contract: own work, no real brands, nothing personal. Slots of templates: `{me}` the owner's name, `{name}` somebody's given name,
 * `{place}`, `{day}`, `{date}`, `{month}`, `{year}`, `{amount}` with two places, `{count}` 2 to 9, `{number}` five digits, `{thing}`,
 * `{project}`, `{street}`. Facts that tasks need stand on lines of their own, such as `Total: 84.20`.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Outing } from "../world/life.ts";

/** A file that people have: where it lies, what it is called, what it says. Slots may be in all three. */
export interface FileTemplate {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** Whether it is worked on again and again, so that it has versions. */
  readonly living?: boolean;
}

/** What is on receipts, by kind of outing. */
export const RECEIPT_ITEMS: Readonly<Record<Outing["kind"], readonly string[]>> = {
  dinner: [
    "Bean stew",
    "Grilled trout",
    "Mushroom pie",
    "Noodle soup",
    "Lamb skewers",
    "House salad",
    "Lemonade",
    "Red wine",
    "Sparkling water",
    "Plum cake",
    "Cheese plate",
    "Garlic bread",
    "Pumpkin curry",
    "Coffee",
    "Chocolate tart",
    "Fried dumplings",
  ],
  trip: [
    "Cabin, two nights",
    "Fuel",
    "Road toll",
    "Boat hire",
    "Firewood",
    "Supplies",
    "Cleaning fee",
    "Train tickets",
  ],
  concert: ["Standing tickets", "Cloakroom", "Programme", "Drinks", "Booking fee"],
  groceries: [
    "Rice",
    "Apples",
    "Bread",
    "Olive oil",
    "Eggs",
    "Tomatoes",
    "Coffee beans",
    "Oat milk",
    "Onions",
    "Butter",
    "Pasta",
    "Honey",
    "Spinach",
    "Flour",
  ],
  gift: ["Picture frame", "Flowers", "Gift box", "Card", "Wrapping"],
};

/** Cents with two places. */
export function twoPlaces(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** Splits a total into lines that add up to it, none below 50 cents where the total allows. */
export function splitCents(random: KeyedRandom, totalCents: number, parts: number): number[] {
  const weights = Array.from({ length: parts }, () => 1 + random.uniform() * 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  const cents = weights.map((weight) => Math.max(10, Math.floor((totalCents * weight) / sum / 10) * 10));
  const rest = totalCents - cents.slice(1).reduce((a, b) => a + b, 0);
  return [rest, ...cents.slice(1)];
}

/** Options of {@linkcode receiptText}. */
export interface Receipt {
  readonly place: string;
  readonly kind: Outing["kind"];
  readonly totalCents: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/**
 * Text of a receipt; its items add up to the total.
 *
 * @param random draws items, prices and number.
 */
export function receiptText(random: KeyedRandom, { place, kind, totalCents, date }: Receipt): string {
  const all = RECEIPT_ITEMS[kind];
  const most = Math.max(1, Math.min(all.length, 6, Math.floor(totalCents / 200)));
  const items = random.sample(all, random.int(Math.min(2, most), most));
  const prices = splitCents(random, totalCents, items.length);
  return [
    place.replace(/^the /, "The "),
    `Receipt no. ${random.int(10000, 99999)}`,
    `Date: ${date}`,
    ...items.map((item, i) => `- ${item} ${twoPlaces(prices[i] ?? 0)}`),
    `Total: ${twoPlaces(totalCents)}`,
    random.pick(["Paid by card", "Paid in cash", "Thank you for coming"]),
  ].join("\n");
}

/** Who sends the statements of a home. */
const STATEMENT_SENDERS: Readonly<Record<"rent" | "power" | "internet" | "water", string>> = {
  rent: "Harrowby Homes",
  power: "Northfield Power",
  internet: "Loopline Internet",
  water: "Tarrow Water",
};

/** Text of a month's statement. */
export function statementText(
  name: "rent" | "power" | "internet" | "water",
  month: string,
  cents: number,
  account: number,
): string {
  return [
    STATEMENT_SENDERS[name],
    `Statement for ${month}`,
    `Account: ${account}`,
    `Amount due: ${twoPlaces(cents)}`,
    `Due by: ${month}-28`,
  ].join("\n");
}

/** Files for which the shared life has no story of its own. */
export const FILE_TEMPLATES: readonly FileTemplate[] = [
  // Letters
  {
    folder: "/letters/{year}",
    name: "landlord-heating-{date}.txt",
    text: "Dear landlord,\nthe heating in {street} has been cold since {day}.\nPlease send somebody.\n{me}",
  },
  {
    folder: "/letters/{year}",
    name: "landlord-answer-{date}.pdf",
    text: "Dear {me},\nour fitter comes on {day} between 9 and 11.\nHarrowby Homes",
  },
  {
    folder: "/letters/{year}",
    name: "insurance-offer-{date}.pdf",
    text: "Dear {me},\nhousehold cover for {amount} a year.\nOffer no. {number}, valid for six weeks.",
  },
  {
    folder: "/letters/{year}",
    name: "insurance-claim-{date}.txt",
    text: "Claim no. {number}\nThe {thing} was damaged on {date}.\nValue: {amount}\n{me}",
  },
  {
    folder: "/letters/{year}",
    name: "town-parking-{date}.pdf",
    text: "Town office\nYour parking permit {number} ends in {month}.\nRenewal: {amount}",
  },
  {
    folder: "/letters/{year}",
    name: "dentist-reminder-{date}.txt",
    text: "Harrowby Dentist\nDear {me},\nyour next check is due.\nCall us before {day}.",
  },
  {
    folder: "/letters/{year}",
    name: "bank-change-{date}.pdf",
    text: "Dear {me},\nfrom {month} on statements come once a month.\nReference {number}",
  },
  {
    folder: "/letters/{year}",
    name: "library-fine-{date}.txt",
    text: "Town library\nOverdue: {count} books\nFine: {amount}\nPlease return them by {day}.",
  },
  {
    folder: "/letters/{year}",
    name: "cancel-magazine-{date}.txt",
    text: "I hereby cancel my subscription no. {number}.\nPlease confirm.\n{me}, {street}",
  },
  {
    folder: "/letters/{year}",
    name: "thanks-{name}.txt",
    text: "Dear {name},\nthank you for the {thing}.\nIt has a place of honour by the window.\nYours, {me}",
  },
  {
    folder: "/letters/{year}",
    name: "postcard-{place}.txt",
    text: "Greetings from {place}!\nThe weather is better than promised.\nSee you on {day}. {me}",
  },
  {
    folder: "/letters/{year}",
    name: "complaint-delivery-{date}.txt",
    text: "Order {number} came with {count} broken cups.\nI ask for a replacement.\n{me}",
  },
  // Work
  {
    folder: "/work/{project}",
    name: "minutes-{date}.md",
    text: "# Minutes {date}\n- {name} reports on the {thing}\n- {count} open points\n- next meeting on {day}",
  },
  {
    folder: "/work/{project}",
    name: "plan.md",
    text: "# Plan\n1. agree on the goal\n2. find {count} helpers\n3. order the {thing}\nOwner: {name}",
    living: true,
  },
  {
    folder: "/work/{project}",
    name: "budget.csv",
    text: "item,amount\nprinting,{amount}\nroom,{count}00.00\ntravel,{count}5.00",
    living: true,
  },
  {
    folder: "/work/{project}",
    name: "open-questions.txt",
    text: "Who signs?\nWhen does {name} come back?\nAre {count} boxes enough?",
    living: true,
  },
  {
    folder: "/work/{project}",
    name: "talk-outline.md",
    text: "# Talk\n- why\n- what\n- how much: {amount}\n- thanks to {name}",
    living: true,
  },
  {
    folder: "/work/{project}",
    name: "suppliers.csv",
    text: "supplier,days,price\nAmbry,{count},{amount}\nTresk,12,88.00\nOsier,9,91.50",
  },
  {
    folder: "/work/{project}",
    name: "feedback-{month}.txt",
    text: "{count} people answered.\nMost liked the {thing}.\n{name} wants larger letters.",
  },
  {
    folder: "/work/{project}",
    name: "contract-{number}.pdf",
    text: "Contract no. {number}\nBetween the office and Ambry.\nFee: {amount}\nEnds in {month}.",
  },
  {
    folder: "/work/{project}",
    name: "rota-{month}.csv",
    text: "day,who\n{day},{name}\nfri,everybody",
  },
  {
    folder: "/work/{project}",
    name: "handover.md",
    text: "# Handover\nThe keys are with {name}.\nPassword list: ask.\nLast backup on {day}.",
    living: true,
  },
  {
    folder: "/work",
    name: "expenses-{month}.csv",
    text: "what,amount\ntrain,{amount}\nlunch,1{count}.40\nhotel,7{count}.00",
  },
  { folder: "/work", name: "payslip-{month}.pdf", text: "Payslip {month}\nGross: 3{count}00.00\nNet: 2{count}40.00" },
  {
    folder: "/work",
    name: "holiday-{year}.txt",
    text: "Days left: {count}\nAway in {month}\nCover: {name}",
    living: true,
  },
  {
    folder: "/work",
    name: "review-notes-{year}.md",
    text: "# Review\nGoal: finish {count} projects\nPraise from {name}\nLearn: patience",
    living: true,
  },
  // Home
  {
    folder: "/home",
    name: "inventory.csv",
    text: "thing,room\n{thing},kitchen\nlamp,hall\nladder,cellar\nchairs,{count}",
    living: true,
  },
  { folder: "/home", name: "meter-readings.csv", text: "month,power,water\n{month},{number},1{count}3", living: true },
  { folder: "/home", name: "wifi.txt", text: "Network: attic-{count}\nKey: ask {me}\nRestart on {day}s." },
  {
    folder: "/home",
    name: "paint-colours.txt",
    text: "Hall: oat\nKitchen: sage {count}\nDoor: {number}",
    living: true,
  },
  {
    folder: "/home/contracts",
    name: "lease-{street}.pdf",
    text: "Lease for {street}\nTenant: {me}\nRent: 4{count}0.00\nDeposit: {amount}",
  },
  {
    folder: "/home/contracts",
    name: "power-contract.pdf",
    text: "Northfield Power\nContract {number}\nPrice per unit: 0.3{count}\nUntil {month}",
  },
  {
    folder: "/home/contracts",
    name: "internet-contract.pdf",
    text: "Loopline Internet\nContract {number}\nMonthly: 29.90\nNotice: {count} weeks",
  },
  {
    folder: "/home/manuals",
    name: "washing-machine.pdf",
    text: "Model W{number}\nDescale every {count} months.\nError E{count}: door open.",
  },
  {
    folder: "/home/manuals",
    name: "boiler.pdf",
    text: "Model B{number}\nPressure 1.{count} bar\nService once a year.",
  },
  { folder: "/home/manuals", name: "bike-light.pdf", text: "Charge for {count} hours.\nRed: empty.\nNo. {number}" },
  {
    folder: "/home/manuals",
    name: "coffee-mill.pdf",
    text: "Do not wash the burrs.\nGrind size {count} for filter.\nNo. {number}",
  },
  {
    folder: "/home/warranties",
    name: "warranty-kettle-{number}.txt",
    text: "Kettle no. {number}\nBought: {date}\nWarranty: 24 months\nSeller: Nordhaus",
  },
  {
    folder: "/home/warranties",
    name: "warranty-drill-{number}.txt",
    text: "Drill no. {number}\nBought: {date}\nWarranty: 36 months\nSeller: Kupfer",
  },
  {
    folder: "/home/warranties",
    name: "warranty-lamp-{number}.txt",
    text: "Lamp no. {number}\nBought: {date}\nWarranty: 12 months\nSeller: Mellow",
  },
  // Recipes
  {
    folder: "/recipes",
    name: "bean-stew.md",
    text: "# Bean stew\n{count}00 g beans\n2 onions\nsalt\nCook for an hour. {name} adds lemon.",
    living: true,
  },
  {
    folder: "/recipes",
    name: "plum-cake.md",
    text: "# Plum cake\n{count} eggs\nflour\nplums\nBake until brown.",
    living: true,
  },
  {
    folder: "/recipes",
    name: "flat-bread.md",
    text: "# Flat bread\n{count}00 g flour\nwater\nsalt\nRest for {count}0 minutes.",
    living: true,
  },
  { folder: "/recipes", name: "pumpkin-soup.md", text: "# Pumpkin soup\n1 pumpkin\n{count} carrots\ncream\nBlend." },
  { folder: "/recipes", name: "dumplings.md", text: "# Dumplings\ndough\n{count} mushrooms\nFold like {name} does." },
  {
    folder: "/recipes",
    name: "ginger-drink.md",
    text: "# Ginger drink\nginger\n{count} lemons\nhoney\nWait two days.",
  },
  {
    folder: "/recipes",
    name: "lentil-salad.md",
    text: "# Lentil salad\nlentils\n{count} radishes\nvinegar\nfrom {name}",
  },
  {
    folder: "/recipes",
    name: "rye-loaf.md",
    text: "# Rye loaf\n{count}50 g rye\nsourdough\nBake for 50 minutes.",
    living: true,
  },
  { folder: "/recipes", name: "apple-jam.md", text: "# Apple jam\n{count} kg apples\nsugar\nclove\nStir, stir, stir." },
  // Travel
  {
    folder: "/travel/{place}",
    name: "packing-list.txt",
    text: "tent\n{count} shirts\nmap\n{thing}\ncharger\nnuts",
    living: true,
  },
  {
    folder: "/travel/{place}",
    name: "itinerary.md",
    text: "# {place}\nDay 1: arrive, meet {name}\nDay 2: walk of {count} hours\nDay 3: home on {day}",
    living: true,
  },
  {
    folder: "/travel/{place}",
    name: "booking-{number}.pdf",
    text: "Booking {number}\n{place}, {count} nights\nPrice: {amount}\nGuest: {me}",
  },
  {
    folder: "/travel/{place}",
    name: "train-{date}.pdf",
    text: "Ticket {number}\n{day} 08:1{count}\nSeat {count}4, window",
  },
  {
    folder: "/travel/{place}",
    name: "costs.csv",
    text: "what,amount\nfuel,{amount}\nfood,6{count}.20\ntoll,8.00",
    living: true,
  },
  { folder: "/travel", name: "wish-list.txt", text: "{place}\nthe sea in winter\n{name}'s village", living: true },
  // Photographs: the text is what the picture shows.
  { folder: "/pictures/{year}", name: "img-{number}.jpg", text: "{name} at {place}, laughing" },
  { folder: "/pictures/{year}", name: "img-{number}-2.jpg", text: "A {thing} on the kitchen table" },
  { folder: "/pictures/{year}", name: "garden-{number}.jpg", text: "The garden in {month}, {count} tulips" },
  { folder: "/pictures/{year}", name: "party-{number}.jpg", text: "{count} people around a cake, {name} in front" },
  { folder: "/pictures/{year}", name: "trip-{number}.jpg", text: "View over {place} from the north" },
  { folder: "/pictures/{year}", name: "cat-{number}.jpg", text: "A cat asleep on the {thing}" },
  { folder: "/pictures/{year}", name: "snow-{number}.jpg", text: "Snow on {street}, {count} footprints" },
  // Clubs and courses
  {
    folder: "/clubs",
    name: "members-{year}.csv",
    text: "name,since\n{name},{year}\n{me},{year}\nothers,{count}",
    living: true,
  },
  {
    folder: "/clubs",
    name: "agenda-{date}.txt",
    text: "1. welcome\n2. {thing}\n3. next place: {place}\n{count} people",
  },
  {
    folder: "/clubs",
    name: "votes-{date}.csv",
    text: "title,votes\nThe Long Ferry,{count}\nSalt Road,4\nEmpty Rooms,1",
  },
  { folder: "/clubs", name: "song-sheet-{number}.md", text: "# Song {count}\nLow voices begin.\n{name} sings alone." },
  {
    folder: "/study",
    name: "vocabulary.csv",
    text: "word,meaning\nbreeze,light wind\nharbour,port\n{count} more",
    living: true,
  },
  {
    folder: "/study",
    name: "essay-draft.md",
    text: "# Essay\nThesis: {thing} and time.\n{count} pages so far.",
    living: true,
  },
  {
    folder: "/study",
    name: "lecture-{date}.md",
    text: "# Lecture\n{count} kinds of memory\nExample: {thing}\nAsk {name}",
  },
  { folder: "/study", name: "exam-dates.txt", text: "{month}: written\n{day}: spoken\nRoom {count}0{count}" },
  // Money and health
  {
    folder: "/money",
    name: "budget-{year}.csv",
    text: "month,plan\n{month},{amount}\nreserve,{count}00.00",
    living: true,
  },
  {
    folder: "/money",
    name: "tax-notes-{year}.txt",
    text: "Receipts: {count}\nAsk {name} about the {thing}\nRef {number}",
    living: true,
  },
  { folder: "/money", name: "donations-{year}.csv", text: "to,amount\nlifeboats,{amount}\nlibrary,{count}5.00" },
  { folder: "/money", name: "savings-{month}.pdf", text: "Account {number}\nBalance in {month}: {amount}" },
  { folder: "/health", name: "vaccinations.txt", text: "{date}: booster\nNext in {count} years\nBatch {number}" },
  { folder: "/health", name: "training-log.csv", text: "day,km\n{day},{count}.5\nsun,1{count}.0", living: true },
  { folder: "/health", name: "glasses-{year}.pdf", text: "Left -1.{count}\nRight -0.75\nOrder {number}" },
  { folder: "/health", name: "physio-{date}.txt", text: "{count} exercises\nknee and hip\nNext: {day}" },
  // Loose ends
  { folder: "/", name: "todo.txt", text: "call {name}\nreturn the {thing}\n{count} stamps", living: true },
  { folder: "/", name: "scratch-{number}.txt", text: "{name}: {number}\n{place}\n{amount}?" },
  { folder: "/inbox", name: "scan-{number}.pdf", text: "Scan {number}\nPage {count}\n{day}, {date}" },
  { folder: "/inbox", name: "download-{number}.txt", text: "Terms, version {count}\nNo. {number}" },
  {
    folder: "/inbox",
    name: "from-{name}-{date}.txt",
    text: "{name} sends this:\nthe {thing} is {amount}\nsee you in {place}",
  },
  { folder: "/old", name: "notes-{number}.txt", text: "Old notes of {year}\n{thing}, {place}, {name}" },
  { folder: "/old", name: "cv-{year}.md", text: "# {me}\n{count} years of work\nSpeaks three languages", living: true },
];

/** Lines that somebody adds to a living file. */
export const ADDED_LINES: readonly string[] = [
  "ask {name} again",
  "done by {day}",
  "see page {count}",
  "{thing} is missing",
  "changed on {date}",
  "{count} more to come",
  "costs {amount}",
  "moved to {place}",
  "checked by {name}",
  "not before {day}",
];
