/**
 * Words of the wallet: memos, remarks, pots and standing orders.
 *
 * Contract: own work; slots of memos are `{place}`, `{day}`, `{person}` and `{month}`.
 *
 * @module
 */

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** What transfers are for. */
export const MEMOS: readonly string[] = lines(`
  lunch
  lunch on {day}
  coffee and cake
  coffee at {place}
  my half of the taxi
  taxi from {place}
  night bus tickets
  train to {place}
  return ticket
  petrol for the weekend
  parking at {place}
  toll road
  car wash
  bike tyres
  bike lights
  new bell for the bike
  spare key
  copied keys
  concert tickets
  tickets for {day}
  theatre seats
  cinema
  cinema and popcorn
  museum entry
  late museum night
  swimming pool
  ten swims card
  climbing hall
  bowling
  mini golf on {day}
  tennis court
  table tennis bats
  yoga class
  dance evening
  pottery class
  cooking class
  language course book
  piano lesson
  choir trip
  running shirt
  race entry
  picnic at {place}
  pizza
  pizza on {day}
  pizza for four
  noodles
  dumplings
  soup delivery
  breakfast rolls
  brunch at {place}
  ice cream
  waffles
  birthday cake
  candles and balloons
  flowers
  flowers for {person}
  present for {person}
  share of the present
  card and wrapping paper
  farewell present
  wedding present
  baby present
  housewarming plant
  thank you
  as agreed
  what I owed you
  rest of last week
  back to you
  sorry it took so long
  groceries
  groceries {month}
  vegetable box
  cheese from the market
  fish from the market
  bread and butter
  olive oil
  wine for {day}
  drinks at {place}
  juice and snacks
  crisps and dip
  barbecue
  charcoal and sausages
  camping site
  tent pegs
  sleeping mat
  torch and batteries
  rain jacket
  hiking map
  ferry
  cabin deposit
  cabin cleaning
  hostel night
  ski pass
  sledge rental
  canoe rental
  rowing boat
  travel insurance
  city tour
  postcards and stamps
  paint for the hall
  brushes and rollers
  shelf boards
  screws and plugs
  lamp for the hall
  curtain rail
  second-hand chair
  old sofa
  washing powder
  washing machine repair
  new kettle
  mop and bucket
  bin bags
  light bulbs
  key deposit
  cleaning {month}
  internet {month}
  power {month}
  rent {month}
  phone bill {month}
  newspaper {month}
  streaming {month}
  music {month}
  pet food
  vet
  cat sitting
  dog walks
  plants and soil
  tomato seedlings
  garden shears
  compost
  firewood
  babysitting
  school trip
  exercise books
  swimming badge
  football boots
  haircut
  pharmacy
  plasters and tea
  glasses repair
  shoe repair
  dry cleaning
  tailor
  printer paper
  posters
  shared printer ink
  second monitor cable
  charger
  headphones
  board game
  puzzle
  comic books
  paperback for {person}
  raffle tickets
  club fee {month}
  club dinner
  coffee kitty {month}
  office breakfast
  lottery syndicate
  pub quiz at {place}
  escape room
  photo prints
  picture frame
  guitar strings
  drum lesson
  sheet music`);

/** Remarks under transfers. */
export const REMARKS: readonly string[] = lines(`
  Thanks!
  Got it.
  Perfect, thank you.
  That was quick.
  Next one is on me.
  Much appreciated.
  All settled then.
  Was it not more?
  See you on {day}.
  You are the best.
  Finally!
  That was fun.
  Let us do that again.
  No rush next time.
  Keep the change.
  {person} says hello.`);

/** Names of pots. */
export const POT_NAMES: readonly string[] = lines(`
  bike
  holiday
  laptop
  sofa
  camera
  guitar
  boat trip
  oven
  piano
  tent
  kayak
  language course
  roof repair
  garden
  phone
  winter shoes
  moving house
  rainy days
  presents
  driving lessons
  glasses
  wedding gift
  bookcase
  festival
  washing machine
  train pass`);

/** What standing orders are for. */
export const STANDING_MEMOS: readonly string[] = lines(`
  pocket money
  rent share
  car share
  club fee
  music lessons
  garden plot
  phone plan
  savings for mum
  loan back
  coffee kitty
  vegetable box
  cleaning help
  streaming share
  gym share
  newspaper share
  parking space
  cat food fund
  godchild
  allotment water
  internet share`);

/** Labels of bank cards. */
export const CARD_LABELS: readonly string[] = lines(`
  everyday card
  household card
  travel card
  savings card`);
