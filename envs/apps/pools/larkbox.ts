/**
 * Words that larkbox's catalogue and its members' mixes and ratings are made of.
 *
 * Contract: own work, no real brands, works or people. Titles come from a grammar: each of {@linkcode TITLE_PATTERNS} is a head and a
 * tail with slots for the word pools below.
 *
 * @module
 */

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** Genres of music. */
export const GENRES: readonly string[] = words(`
  ambient bluegrass chamber disco electro folk funk indie jazz metal pop reggae soul swing`);

/** Words for slot `{adj}` of titles. */
export const ADJECTIVES: readonly string[] = words(`
  Amber Bare Bitter Blue Borrowed Bright Broken Careful Clear Cold Copper Crooked Dancing Distant Double Dusty Early Easy Empty
  Endless Faded Falling Fearless First Floating Foolish Gentle Gilded Golden Green Grey Hidden Hollow Honest Humming Idle Last Late
  Lazy Little Lonely Long Lost Loud Lucky Mild Narrow Nameless Northern Odd Open Paper Patient Plain Proud Quick Quiet Restless Rough
  Rusty Salted Scarlet Secret Second Shy Silent Silver Simple Sleepless Slow Small Soft Southern Spare Steady Stolen Strange Stray
  Sudden Sunken Sweet Tender Thin Tidal Tired Unsent Velvet Violet Wandering Warm Wild Windy Winter Wooden Yellow`);

/** Words for slot `{noun}` of titles. */
export const NOUNS: readonly string[] = words(`
  Anchor Apple Arrow Attic Balcony Basement Beacon Bell Bicycle Bird Blanket Boat Bonfire Border Bottle Bridge Button Candle Canyon
  Cathedral Ceiling Chair Chimney Circle Clock Cloud Coat Compass Corner Curtain Door Drawer Dream Dust Echo Elevator Engine Envelope
  Feather Fence Ferry Field Fire Floor Forest Fountain Garden Gate Ghost Glass Hammer Harbour Harvest Hill Honey House Island Jacket
  Key Kite Ladder Lamp Lantern Leaf Letter Light Lighthouse Magnet Map Marble Meadow Mill Mirror Moon Moth Mountain Needle Ocean
  Orchard Oven Parade Pavement Pebble Pencil Piano Pillow Pocket Postcard Puddle Rain River Road Roof Rope Sail Sand Shadow Shore
  Signal Sky Smoke Snow Sparrow Spoon Staircase Stone Storm Story Summer Sun Table Thread Thunder Tide Tower Train Umbrella Valley
  Wallpaper Water Wave Weather Wheel Whistle Window Winter Wire Wolf`);

/** Words for slot `{place}` of titles. */
export const TITLE_PLACES: readonly string[] = lines(`
  the Attic
  the Back Row
  the Bay
  the Corner Shop
  the Courtyard
  the Empty Hall
  the Far Side
  the Ferry
  the Garden
  the Hallway
  the Harbour
  the Hills
  the Kitchen
  the Last Carriage
  the Lowlands
  the Market
  the Meadow
  the Middle Lane
  the North Quarter
  the Old Mill
  the Orchard
  the Outskirts
  the Railway Arches
  the Shallow End
  the Spare Room
  the Stairwell
  the Suburbs
  the Tall Grass
  the Valley
  the Waiting Room`);

/** Words for slot `{time}` of titles. */
export const TITLE_TIMES: readonly string[] = lines(`
  Dawn
  Dusk
  Noon
  Midnight
  Half Past Four
  Quarter to Nine
  First Light
  Closing Time
  High Tide
  Low Tide
  the End of May
  the Turn of the Year
  the First Frost
  Harvest
  Sundown
  Three in the Morning`);

/** Words for slot `{name}` of titles. */
export const TITLE_NAMES: readonly string[] = words(`
  Adeline Bruno Cosima Dorian Elspeth Fenwick Greta Hollis Imke Jasper Klara Ludo Marit Nestor Odile Piet Quentin Rosalind Silas
  Thea Ulrich Verity Willem Xenia Yorick Zelda`);

/** Words for slot `{number}` of titles. */
export const TITLE_NUMBERS: readonly string[] = words(
  `Two Three Four Five Seven Nine Ten Eleven Twelve Forty Hundred Thousand`,
);

const TITLE_HEADS: readonly string[] = lines(`
  {adj} {noun}
  The {adj} {noun}
  {noun}
  {noun} and {noun2}
  {adj} {noun}, {adj2} {noun2}
  My {adj} {noun}
  Your {noun}
  No {noun}
  One {adj} {noun}
  {number} {adj} Days
  Half a {noun}
  Every {noun}
  Another {noun}
  Song of the {noun}
  Waltz of the {adj} {noun}
  Carry the {noun}
  Hold the {noun}
  Under the {noun}
  Over the {adj} {noun}
  Like a {noun}
  Call It {noun}
  Leave the {noun}
  Somebody's {noun}
  Where the {noun} Was
  Keeper of the {noun}`);

const TITLE_TAILS: readonly string[] = [
  "",
  " in {place}",
  " at {time}",
  " for {name}",
  " without {name}",
  " Again",
  " Before {time}",
  " After {time}",
  " (Slow)",
  " (Part {number})",
  " from {place}",
  " near {place}",
  " Until {time}",
  " with {name}",
  " and Me",
  " Tonight",
  " Once More",
  " beyond {place}",
  " by the {noun3}",
  " to {name}",
];

/** Patterns of track titles: every head with every tail. */
export const TITLE_PATTERNS: readonly string[] = TITLE_HEADS.flatMap((head) => TITLE_TAILS.map((tail) => head + tail));

/** Patterns of record titles. */
export const RECORD_PATTERNS: readonly string[] = lines(`
  {adj} {noun}
  The {adj} {noun}
  {noun} & {noun2}
  {noun} Songs
  {number} {noun} Songs
  Live at {place}
  Songs from {place}
  {adj} Hours
  {adj} Rooms
  The {noun} Sessions
  Notes from {place}
  {number} Evenings
  A {noun} for {name}
  {adj} and {adj2}
  Postcards from {place}
  {noun}, {noun2}, {noun3}
  Before {time}
  The {noun} Tapes
  {adj} Machines
  Until {time}`);

/** Patterns of performers' names. */
export const PERFORMER_PATTERNS: readonly string[] = lines(`
  The {adj} {noun}s
  {adj} {noun}
  {name} {surname}
  {name} {surname}
  {name} {surname} Trio
  {name} & the {noun}s
  {noun} Club
  {surname} Brothers
  {surname} Sisters
  {noun} Orchestra
  {adj} {noun} Quartet
  {number} {noun}s`);

/** Words for slot `{surname}` of performers. */
export const PERFORMER_SURNAMES: readonly string[] = words(`
  Abernoth Brackwell Calloughby Dunmere Eskerly Farnholt Grinvale Harrowick Inglemoor Jessop Kestrelow Larkspurn Merridon Northbeck
  Oakhollow Pellerin Quillby Ravensett Sandercombe Thistlewade Umberly Vanstrand Wexcombe Yarborn Zellweather`);

/** What performers say about themselves; slots `{genre}`, `{place}` and `{noun}`. */
export const PERFORMER_ABOUTS: readonly string[] = lines(`
  A {genre} act that began in {place}.
  Plays {genre} with more strings than strictly needed.
  Wrote the first songs in {place} and never left.
  Known for long {genre} evenings and short interviews.
  Records everything live, usually near {place}.
  Two microphones, one room, plenty of {genre}.
  Began as a wedding band and found {genre} by accident.
  Sings about weather, trains and the {noun}.
  Tours by ferry and by bus.
  Prefers small halls and early shows.
  Turns {genre} upside down once a year.
  Met in a choir and kept the harmonies.`);

/** Talk shows: topic and title. */
export const SHOWS: readonly (readonly [string, string])[] = lines(`
  books|The Dog-Eared Page
  books|Second Shelf From the Top
  books|Plots and Porridge
  books|Read It Twice
  cooking|The Simmer Hour
  cooking|Salt First
  cooking|Leftover Logic
  cooking|One Pan Stories
  crime|The Unlocked Window
  crime|Cold Tea Cases
  crime|Footprints in Flour
  crime|Nobody Saw the Van
  history|Dates and Dust
  history|The Long Century
  history|Maps That Lied
  history|Small Kings
  language|Odd Words Out
  language|Comma by Comma
  language|Lost in Three Tongues
  language|The Grammar Kitchen
  money|The Honest Ledger
  money|Pennies and Principles
  money|Rainy Day Radio
  money|What It Really Costs
  nature|Hedge and Ditch
  nature|The Moss Report
  nature|Birds Before Breakfast
  nature|Tide Tables
  science|The Sunday Lab
  science|Roughly Right
  science|Atoms at Home
  science|Curious by Default
  sport|Extra Time Talk
  sport|The Slow Runner
  sport|Off the Bench
  sport|Left Foot Forward
  travel|The Night Train Letters
  travel|Two Bags and a Map
  travel|Wrong Platform
  travel|Border Coffee`).map((line) => {
  const [topic = "", title = ""] = line.split("|");
  return [topic, title] as const;
});

/** What shows say about themselves; slot `{topic}`. */
export const SHOW_ABOUTS: readonly string[] = lines(`
  A weekly talk about {topic} for people who are late to it.
  {topic}, told slowly and with guests.
  Stories of {topic} from ordinary streets.
  One question about {topic} an episode.
  Listeners ask about {topic}, the host finds out.`);

/** Things that episodes of a topic are about. */
export const EPISODE_THINGS: Readonly<Record<string, readonly string[]>> = {
  books: lines(
    "first chapters\nlibrary cards\nunreliable narrators\nmargin notes\nlong sentences\nborrowed endings\nletters in novels",
  ),
  cooking: lines("stock\nthe perfect onion\nbread that fails\nknives\nspring soup\npickles\ncooking for one"),
  crime: lines(
    "the missing ferry\na forged will\nthe quiet neighbour\nthe second key\na stolen clock\nthe wrong twin\nthe empty safe",
  ),
  history: lines(
    "salt roads\nlighthouse keepers\nthe first census\nguild halls\npostal riders\nforgotten treaties\ncanals",
  ),
  language: lines("silent letters\nloan words\nnicknames\ndialects\ntranslation slips\npunctuation\nproverbs"),
  money: lines("rent\nsmall loans\npensions\nprice tags\nsharing bills\ncoins\nthe cost of moving"),
  nature: lines("hedgehogs\nwet meadows\nowls\nlichen\nrock pools\nold oaks\nswifts"),
  science: lines("magnets\nfog\nbatteries\nsleep\nfermentation\nechoes\nmeasuring time"),
  sport: lines("the away game\npacing\nsore knees\nreferees\nswimming outdoors\ntraining in winter\nlosing well"),
  travel: lines("night buses\nborder towns\nislands in March\npacking light\nwalking routes\ncheap hotels\nferries"),
};

/** Patterns of episode titles; slots `{thing}` and `{name}`. */
export const EPISODE_PATTERNS: readonly string[] = lines(`
  All about {thing}
  {name} on {thing}
  What we got wrong about {thing}
  A short guide to {thing}
  The trouble with {thing}
  In praise of {thing}
  Listeners ask: {thing}
  {name} explains {thing}
  Back to {thing}
  Nobody talks about {thing}`);

/** First halves of mix titles. */
export const MIX_MOMENTS: readonly string[] = lines(`
  Monday
  Tuesday Night
  Friday
  Sunday Morning
  Kitchen
  Balcony
  Long Drive
  Rainy Day
  Early Shift
  Lunch Break
  Garden
  Winter
  Summer
  Autumn
  Spring
  Late Train
  Deep Work
  Housework
  Sea View
  Campfire
  Bus Ride
  Gallery
  First Coffee
  After Work
  Birthday
  Moving Day
  Snow Day
  Road Trip
  Desk
  Evening Walk`);

/** Second halves of mix titles. */
export const MIX_KINDS: readonly string[] = words(`
  Run Mix Songs Warm-up Calm Favourites Focus Dance Dinner Slowdown Singalong Discoveries Classics Picks`);

/** What mixes say about themselves. */
export const MIX_ABOUTS: readonly string[] = lines(`
  Nothing under two minutes.
  Mostly strings, some noise.
  For the walk home.
  Made on the train.
  Songs that survived three winters.
  Still looking for a better ending.
  Best in this order.
  Do not shuffle.
  Good with the window open.
  Swapped with a friend.
  For people who say they do not dance.
  A bit of everything.
  Loud enough for the hoover.
  Keeps the pace at ten an hour.
  Started as a joke.`);

/** Words under ratings. */
export const RATING_TEXTS: readonly string[] = lines(`
  Grows on you.
  Better live, I hear.
  The bridge is the best part.
  Too long by a minute.
  I could listen to this all week.
  Not my thing.
  Lovely bass line.
  The words carry it.
  Fades out too early.
  A perfect morning song.
  Reminds me of the coast.
  Skipped it twice, then loved it.
  The drums are too loud.
  Everything in its place.
  Good for cooking.
  The host laughs a lot.
  Learned something new.
  Half of it is filler.
  Warm and unhurried.
  Needs headphones.`);
