/**
 * Words of shared expenses: circles, titles of bills by category, remarks and receipts.
 *
 * Contract: own work; slots of titles are `{place}`, `{day}` and `{month}`.
 *
 * @module
 */

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** First words of names of circles. */
export const CIRCLE_FIRST: readonly string[] = lines(`
  Tuesday
  Friday
  Sunday
  Northern
  Old Mill
  Riverside
  Long Table
  Snowy
  Coastal
  Hilltop
  Midsummer
  Autumn
  Early Bird
  Night Owl
  Red Door
  Back Garden`);
/** Second words of names of circles, by kind. */
export const CIRCLE_SECOND: Readonly<Record<"friends" | "trip" | "other", readonly string[]>> = {
  friends: lines(`
    Dinners
    Quiz Team
    Cooking Club
    Game Nights
    Crew
    Picnics
    Breakfasts
    Band`),
  trip: lines(`
    Cabin Week
    Bike Tour
    Ski Trip
    Sailing
    City Weekend
    Camping
    Road Trip
    Hiking Days`),
  other: lines(`
    Car Share
    Allotment
    Tool Shed
    Boat Share
    Studio
    Workshop`),
};

/** Categories that all bills can have; `other` is last. */
export const CATEGORIES = [
  "food",
  "groceries",
  "housing",
  "utilities",
  "travel",
  "fun",
  "gifts",
  "household",
  "other",
] as const;

/** Name of a category that all bills can have. */
export type CategoryName = typeof CATEGORIES[number];

/** Categories that circles add. */
export const OWN_CATEGORIES: readonly string[] = lines(`
  cat
  garden
  ski passes
  drinks
  boat
  fuel
  club room
  music
  tools
  firewood
  ferry
  guests`);

/** Titles of bills by category. */
export const BILL_TITLES: Readonly<Record<CategoryName, readonly string[]>> = {
  food: lines(`
    Dinner at {place}
    Lunch at {place}
    Brunch at {place}
    Late dinner at {place}
    Pizza on {day}
    Dumplings on {day}
    Noodles to go
    Soup and bread
    Fish and chips
    Waffles on {day}
    Coffee and cake
    Cake for the team
    Ice cream round
    Burgers at the lake
    Curry evening
    Taco evening
    Fondue evening
    Barbecue meat
    Barbecue salads
    Sandwiches for the road
    Breakfast rolls
    Picnic basket
    Snacks for the match
    Crisps and dip
    Cheese board
    Wine and olives
    Cider tasting
    Lemonade stand
    Pancakes on {day}
    Dinner before the concert
    Midnight kebabs
    Falafel lunch
    Sushi box
    Bakery round
    Farm shop lunch`),
  groceries: lines(`
    Groceries on {day}
    Weekly shop
    Big shop {month}
    Market vegetables
    Farm eggs and milk
    Bread and butter
    Rice and beans
    Pasta stock
    Spices and oil
    Fruit crate
    Frozen things
    Coffee beans
    Tea and honey
    Breakfast things
    Drinks crate
    Juice and water
    Baking things
    Christmas baking
    Soup vegetables
    Cheese from the market
    Fish from the market
    Potatoes in bulk
    Salad and herbs
    Snack drawer
    Cat food
    Groceries for the cabin
    Groceries for the guests`),
  housing: lines(`
    Rent {month}
    Rent for the studio {month}
    Parking space {month}
    Storage room {month}
    Deposit top-up
    Cabin rent
    Cabin deposit
    Hostel nights
    Guest house
    Camping site
    Boat berth
    Club room {month}
    Garage {month}
    Home insurance
    Stairwell cleaning {month}
    Chimney sweep
    Key replacement
    Locksmith`),
  utilities: lines(`
    Power {month}
    Internet {month}
    Water {month}
    Gas {month}
    Heating {month}
    Bin fees {month}
    Phone line {month}
    Streaming {month}
    Radio licence
    Router rental
    Heating oil
    Firewood
    Gas bottles
    Meter reading fee
    Solar panel share
    Water filter`),
  travel: lines(`
    Train to {place}
    Train tickets
    Bus to {place}
    Night bus
    Taxi home
    Taxi from {place}
    Petrol
    Petrol for the van
    Van rental
    Car rental
    Toll road
    Ferry tickets
    Ferry for the bikes
    Bike rental
    Cable car
    Ski passes
    Sledge rental
    Canoe rental
    Rowing boat
    Airport shuttle
    Parking at {place}
    Travel insurance
    Hiking map
    Roof rack
    Snow chains
    City tour
    Luggage lockers`),
  fun: lines(`
    Cinema on {day}
    Concert tickets
    Concert at {place}
    Theatre seats
    Museum entry
    Bowling on {day}
    Mini golf
    Escape room
    Pub quiz
    Climbing hall
    Swimming pool
    Sauna evening
    Tennis court
    Table tennis bats
    Board game
    Card games
    Karaoke room
    Dance evening
    Cooking class
    Pottery class
    Festival camping
    Open air film
    Zoo entry
    Aquarium
    Football tickets
    Ice rink
    Kite and string
    Fireworks
    Photo booth`),
  gifts: lines(`
    Birthday present
    Birthday cake
    Flowers
    Flowers for the host
    Farewell present
    Wedding present
    Baby present
    Housewarming plant
    Thank-you cards
    Wrapping paper
    Chocolate box
    Bottle for the neighbour
    Get-well basket
    Teacher's present
    Retirement book
    Secret present
    Card for the coach`),
  household: lines(`
    Washing powder
    Cleaning things
    Mop and bucket
    Bin bags
    Light bulbs
    Toilet paper
    Kitchen towels
    Sponges and soap
    New kettle
    Frying pan
    Set of glasses
    Bread knife
    Ironing board
    Vacuum bags
    Curtain rail
    Lamp for the hall
    Shelf boards
    Screws and plugs
    Paint and rollers
    Door mat
    Shower curtain
    Washing machine repair
    Fridge repair
    Drill bits
    Plants and soil
    Garden shears
    Extension lead
    Smoke alarms`),
  other: lines(`
    Printing costs
    Stamps and envelopes
    Sheet music
    Book for the club
    Club fee {month}
    Lost property fine
    Pharmacy
    Plasters and tea
    Vet
    Dog sitter
    Babysitter
    Copy shop
    Photo prints
    First aid kit
    Team shirts
    Race entry
    Piano tuning
    Guitar strings
    Raffle tickets
    Umbrella rental
    Lockers
    Website fee
    Bank fee`),
};

/** Titles of bills that come again and again, with their category and usual cents. */
export const REPEAT_TITLES: readonly {
  readonly title: string;
  readonly category: CategoryName;
  readonly low: number;
  readonly high: number;
}[] = [
  { title: "Streaming plan", category: "utilities", low: 8, high: 25 },
  { title: "Vegetable box", category: "groceries", low: 15, high: 45 },
  { title: "Cleaning help", category: "household", low: 30, high: 90 },
  { title: "Coffee subscription", category: "groceries", low: 10, high: 30 },
  { title: "Parking space", category: "housing", low: 30, high: 80 },
  { title: "Storage room", category: "housing", low: 25, high: 70 },
  { title: "Cloud storage", category: "utilities", low: 3, high: 12 },
  { title: "Music plan", category: "fun", low: 9, high: 20 },
  { title: "Club room", category: "housing", low: 40, high: 120 },
  { title: "Newspaper", category: "other", low: 12, high: 40 },
  { title: "Window cleaner", category: "household", low: 20, high: 60 },
  { title: "Bin fees", category: "utilities", low: 8, high: 28 },
  { title: "Court hire", category: "fun", low: 18, high: 60 },
  { title: "Website fee", category: "other", low: 5, high: 20 },
  { title: "Garden water", category: "utilities", low: 6, high: 24 },
  { title: "Car insurance", category: "travel", low: 40, high: 130 },
  { title: "Bread delivery", category: "groceries", low: 8, high: 22 },
  { title: "Dog walker", category: "other", low: 20, high: 70 },
];

/** Remarks under bills. */
export const BILL_REMARKS: readonly string[] = lines(`
  Was that really so much?
  Thanks for paying!
  I will send it tomorrow.
  Already sent.
  I had no dessert, but fine.
  Can somebody check the total?
  Receipt is with me.
  Please do not forget this one.
  I paid in cash.
  We still have some of it left.
  Next time I pay.
  Looks right to me.
  That was the good cheese.
  Deposit comes back later.
  I was only there for an hour.
  Great evening.`);

/** Memos of settlements that did not go through the wallet. */
export const SETTLEMENT_MEMOS: readonly string[] = lines(`
  cash
  paid in cash
  bank transfer
  cash on {day}
  gave it to you at dinner
  by bank`);

/** Articles on receipts. */
export const RECEIPT_ITEMS: readonly string[] = lines(`
  tomatoes
  bread
  cheese
  soup of the day
  house salad
  lemonade
  mineral water
  noodles
  garlic bread
  olives
  apple cake
  coffee
  washing powder
  sponges
  candles
  batteries
  paper towels
  rice
  pears
  pasta`);
