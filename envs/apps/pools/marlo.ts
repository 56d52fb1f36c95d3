/**
 * What the shop `marlo` is made of: kinds of products with a grammar of their specifications, sellers, review sentences, questions
 * with answers, names of lists, notes and reasons.
 *
 * Contract: own work, no real brands, nothing personal. A kind is one lower-case word that no other kind contains. Names of
 * specifications end in their unit where they have one. Slots of questions and answers are `{kind}` and `{spec}`.
 *
 * @module
 */

/** Whole numbers from low to high in steps. */
export interface NumberSpec {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** What a specification can be: one of some words, or a number. */
export type SpecValues = readonly string[] | NumberSpec;

/** A kind of product. */
export interface ProductKind {
  readonly kind: string;
  readonly plural: string;
  /** Prices in whole units of money. */
  readonly prices: readonly [number, number];
  readonly specs: Readonly<Record<string, SpecValues>>;
  /** Whether it is used up, so that one may subscribe to it. */
  readonly refill: boolean;
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

const WOODS = words("oak beech pine walnut birch bamboo");
const METALS = words("steel copper aluminium brass enamel");
const FABRICS = words("wool cotton linen felt canvas");
const PLASTICS = words("rubber silicone nylon cork");
const COLOURS = words("white black grey blue green red amber sand navy plum");
const SIZES = words("small medium large");
const YES_NO = words("yes no");
const MIXED = [...WOODS.slice(0, 3), ...METALS.slice(0, 3)];

function numbers(low: number, high: number, step = 1): NumberSpec {
  return { low, high, step };
}

function kindOf(
  kind: string,
  plural: string,
  low: number,
  high: number,
  specs: Readonly<Record<string, SpecValues>>,
  refill = false,
): ProductKind {
  return { kind, plural, prices: [low, high], specs, refill };
}

const sized = (width: NumberSpec, depth: NumberSpec, height: NumberSpec) => ({
  width_cm: width,
  depth_cm: depth,
  height_cm: height,
});

/** Kinds of products, 60. The first specification is the one that a title names where it is a word. */
export const PRODUCT_KINDS: readonly ProductKind[] = [
  // Furniture: what may have to fit somewhere has width, depth and height.
  kindOf("lamp", "lamps", 18, 140, {
    material: MIXED,
    colour: COLOURS,
    height_cm: numbers(25, 180, 5),
    watts: numbers(4, 60, 2),
    dimmable: YES_NO,
  }),
  kindOf("chair", "chairs", 35, 190, {
    material: MIXED,
    colour: COLOURS,
    ...sized(numbers(40, 62, 2), numbers(42, 64, 2), numbers(74, 110, 2)),
    max_kg: numbers(90, 150, 10),
  }),
  kindOf("desk", "desks", 90, 420, {
    material: WOODS,
    ...sized(numbers(80, 180, 5), numbers(50, 90, 5), numbers(70, 78)),
    drawers: numbers(0, 4),
  }),
  kindOf("shelf", "shelves", 30, 220, {
    material: WOODS,
    ...sized(numbers(40, 140, 5), numbers(18, 45, 3), numbers(60, 220, 10)),
    boards: numbers(2, 7),
  }),
  kindOf("stool", "stools", 20, 95, {
    material: MIXED,
    colour: COLOURS,
    ...sized(numbers(28, 44, 2), numbers(28, 44, 2), numbers(42, 78, 3)),
    max_kg: numbers(80, 140, 10),
  }),
  kindOf("bench", "benches", 50, 260, {
    material: WOODS,
    ...sized(numbers(80, 180, 10), numbers(30, 50, 5), numbers(40, 50)),
    storage: YES_NO,
  }),
  kindOf("cabinet", "cabinets", 60, 380, {
    material: MIXED,
    colour: COLOURS,
    ...sized(numbers(40, 120, 5), numbers(28, 55, 3), numbers(60, 190, 10)),
    doors: numbers(1, 4),
  }),
  kindOf("wardrobe", "wardrobes", 140, 690, {
    material: WOODS,
    ...sized(numbers(80, 220, 10), numbers(45, 65, 5), numbers(170, 230, 5)),
    doors: numbers(1, 4),
  }),
  kindOf("sofa", "sofas", 240, 980, {
    material: FABRICS,
    colour: COLOURS,
    ...sized(numbers(140, 260, 10), numbers(75, 105, 5), numbers(70, 95, 5)),
    seats: numbers(2, 4),
  }),
  kindOf("mirror", "mirrors", 18, 160, {
    material: MIXED,
    shape: words("round oval square tall"),
    width_cm: numbers(30, 90, 5),
    height_cm: numbers(40, 180, 10),
  }),
  kindOf("rug", "rugs", 25, 320, {
    material: FABRICS,
    colour: COLOURS,
    width_cm: numbers(60, 240, 20),
    length_cm: numbers(90, 340, 25),
    washable: YES_NO,
  }),
  kindOf("curtain", "curtains", 15, 110, {
    material: FABRICS,
    colour: COLOURS,
    width_cm: numbers(90, 160, 10),
    length_cm: numbers(120, 280, 20),
    blackout: YES_NO,
  }),
  kindOf("blanket", "blankets", 20, 130, {
    material: FABRICS,
    colour: COLOURS,
    width_cm: numbers(110, 180, 10),
    length_cm: numbers(150, 240, 10),
    weight_g: numbers(400, 2200, 100),
  }),
  kindOf("pillow", "pillows", 10, 75, {
    material: FABRICS,
    filling: words("down feather foam buckwheat"),
    width_cm: numbers(40, 80, 10),
    washable: YES_NO,
  }),
  kindOf("clock", "clocks", 14, 95, {
    material: MIXED,
    colour: COLOURS,
    diameter_cm: numbers(12, 50, 2),
    silent: YES_NO,
  }),
  kindOf("basket", "baskets", 9, 60, {
    material: ["willow", "bamboo", "felt", "cotton", "seagrass"],
    ...sized(numbers(20, 60, 5), numbers(20, 45, 5), numbers(15, 55, 5)),
    lid: YES_NO,
  }),
  kindOf("vase", "vases", 8, 70, {
    material: ["clay", "stoneware", "copper", "brass"],
    colour: COLOURS,
    height_cm: numbers(12, 50, 2),
  }),
  kindOf("trunk", "trunks", 45, 210, {
    material: MIXED,
    ...sized(numbers(50, 110, 5), numbers(35, 55, 5), numbers(30, 55, 5)),
    litres: numbers(60, 220, 10),
  }),
  // Kitchen.
  kindOf("kettle", "kettles", 18, 110, {
    material: METALS,
    colour: COLOURS,
    litres: numbers(1, 3),
    watts: numbers(900, 2400, 100),
  }),
  kindOf("toaster", "toasters", 20, 105, {
    material: METALS,
    colour: COLOURS,
    slots: numbers(1, 4),
    watts: numbers(600, 1600, 100),
  }),
  kindOf("blender", "blenders", 28, 190, {
    material: METALS,
    colour: COLOURS,
    litres: numbers(1, 3),
    watts: numbers(300, 1500, 100),
  }),
  kindOf("skillet", "skillets", 16, 120, {
    material: METALS,
    diameter_cm: numbers(18, 36, 2),
    induction: YES_NO,
    weight_g: numbers(600, 2600, 100),
  }),
  kindOf("saucepan", "saucepans", 14, 95, { material: METALS, litres: numbers(1, 6), induction: YES_NO, lid: YES_NO }),
  kindOf("mug", "mugs", 6, 28, {
    material: ["stoneware", "enamel", "clay", "steel"],
    colour: COLOURS,
    ml: numbers(200, 500, 25),
  }),
  kindOf("bowl", "bowls", 5, 40, {
    material: ["stoneware", "clay", "bamboo", "oak"],
    colour: COLOURS,
    diameter_cm: numbers(10, 32, 2),
  }),
  kindOf("knife", "knives", 12, 160, {
    material: [...WOODS.slice(0, 4), "steel"],
    blade_cm: numbers(8, 26, 2),
    weight_g: numbers(60, 280, 20),
  }),
  kindOf("grinder", "grinders", 25, 190, {
    material: METALS,
    grams: numbers(20, 160, 10),
    steps: numbers(6, 40, 2),
    watts: numbers(80, 220, 20),
  }),
  kindOf("scale", "scales", 12, 75, {
    material: ["steel", "bamboo", "glass"],
    colour: COLOURS,
    max_kg: numbers(3, 15),
    width_cm: numbers(14, 26, 2),
  }),
  kindOf("juicer", "juicers", 22, 180, {
    material: METALS,
    colour: COLOURS,
    watts: numbers(100, 900, 50),
    litres: numbers(1, 2),
  }),
  kindOf("carafe", "carafes", 14, 85, {
    material: ["clay", "stoneware", "enamel", "copper"],
    colour: COLOURS,
    ml: numbers(400, 1600, 100),
  }),
  // Small machines.
  kindOf("heater", "heaters", 30, 220, {
    colour: COLOURS,
    watts: numbers(500, 2500, 100),
    room_m2: numbers(8, 40, 2),
    ...sized(numbers(25, 90, 5), numbers(12, 30, 3), numbers(35, 80, 5)),
  }),
  kindOf("ventilator", "ventilators", 20, 140, {
    colour: COLOURS,
    diameter_cm: numbers(16, 46, 2),
    watts: numbers(15, 70, 5),
    decibels: numbers(28, 60, 2),
  }),
  kindOf("speaker", "speakers", 25, 260, {
    colour: COLOURS,
    watts: numbers(5, 80, 5),
    hours: numbers(4, 30, 2),
    weight_g: numbers(250, 3200, 50),
  }),
  kindOf("charger", "chargers", 9, 70, {
    colour: COLOURS,
    watts: numbers(15, 140, 5),
    ports: numbers(1, 5),
    cable_cm: numbers(50, 250, 50),
  }),
  kindOf("headset", "headsets", 20, 240, {
    colour: COLOURS,
    hours: numbers(10, 60, 2),
    weight_g: numbers(120, 360, 10),
    folding: YES_NO,
  }),
  kindOf("keyboard", "keyboards", 18, 170, {
    colour: COLOURS,
    keys: numbers(60, 110, 2),
    weight_g: numbers(350, 1300, 50),
    wireless: YES_NO,
  }),
  kindOf("radio", "radios", 22, 190, {
    material: WOODS,
    colour: COLOURS,
    hours: numbers(4, 40, 2),
    weight_g: numbers(300, 2400, 100),
  }),
  kindOf("torch", "torches", 9, 85, {
    material: ["aluminium", "rubber", "nylon"],
    lumens: numbers(100, 2400, 100),
    hours: numbers(3, 60, 3),
    weight_g: numbers(60, 600, 20),
  }),
  // Outdoors and tools.
  kindOf("tent", "tents", 80, 460, {
    colour: COLOURS,
    persons: numbers(1, 6),
    weight_g: numbers(1200, 7600, 200),
    waterproof_mm: numbers(1500, 6000, 500),
  }),
  kindOf("backpack", "backpacks", 30, 220, {
    colour: COLOURS,
    litres: numbers(12, 75, 3),
    weight_g: numbers(400, 2400, 100),
    rain_cover: YES_NO,
  }),
  kindOf("flask", "flasks", 10, 55, {
    material: ["steel", "aluminium", "copper"],
    colour: COLOURS,
    ml: numbers(300, 1200, 50),
    hours_hot: numbers(4, 26, 2),
  }),
  kindOf("cooler", "coolers", 25, 230, {
    colour: COLOURS,
    litres: numbers(8, 60, 4),
    ...sized(numbers(30, 70, 5), numbers(22, 45, 3), numbers(26, 48, 2)),
    hours_cold: numbers(8, 72, 4),
  }),
  kindOf("hammock", "hammocks", 22, 130, {
    material: FABRICS,
    colour: COLOURS,
    length_cm: numbers(200, 360, 20),
    max_kg: numbers(110, 240, 10),
  }),
  kindOf("umbrella", "umbrellas", 10, 65, {
    colour: COLOURS,
    diameter_cm: numbers(85, 140, 5),
    weight_g: numbers(180, 700, 20),
    folding: YES_NO,
  }),
  kindOf("padlock", "padlocks", 8, 60, {
    material: ["steel", "brass"],
    length_cm: numbers(4, 14),
    weight_g: numbers(80, 900, 20),
    keys: numbers(2, 5),
  }),
  kindOf("drill", "drills", 35, 240, {
    colour: COLOURS,
    watts: numbers(300, 1200, 50),
    weight_g: numbers(900, 3200, 100),
    gears: numbers(1, 3),
  }),
  kindOf("ladder", "ladders", 40, 280, {
    material: ["aluminium", "steel", "beech"],
    steps: numbers(2, 12),
    height_cm: numbers(60, 360, 20),
    max_kg: numbers(100, 170, 10),
  }),
  kindOf("hose", "hoses", 16, 120, {
    material: PLASTICS,
    length_m: numbers(10, 50, 5),
    diameter_mm: numbers(12, 26, 2),
  }),
  kindOf("scarf", "scarves", 10, 80, { material: FABRICS, colour: COLOURS, length_cm: numbers(120, 220, 10) }),
  kindOf("raincoat", "raincoats", 35, 210, {
    colour: COLOURS,
    size: SIZES,
    weight_g: numbers(250, 1100, 50),
    hood: YES_NO,
  }),
  // Things that are used up.
  kindOf("coffee", "coffees", 6, 32, {
    roast: words("light medium dark"),
    weight_g: numbers(250, 1500, 250),
    caffeine: YES_NO,
  }, true),
  kindOf("tea", "teas", 4, 26, { leaf: words("green black mint rooibos camomile"), bags: numbers(15, 120, 15) }, true),
  kindOf("soap", "soaps", 3, 22, {
    scent: words("lavender rosemary citrus cedar plain"),
    weight_g: numbers(80, 500, 20),
    pieces: numbers(1, 6),
  }, true),
  kindOf("detergent", "detergents", 5, 34, {
    scent: words("citrus plain lavender ocean"),
    washes: numbers(15, 90, 5),
    liquid: YES_NO,
  }, true),
  kindOf("candle", "candles", 4, 36, {
    scent: words("beeswax cedar plain fig citrus"),
    hours: numbers(8, 80, 4),
    pieces: numbers(1, 12),
  }, true),
  kindOf("battery", "batteries", 4, 30, { charge: words("rechargeable alkaline"), pieces: numbers(2, 24, 2) }, true),
  kindOf("kibble", "kibbles", 8, 75, {
    flavour: words("chicken salmon lamb turnip"),
    weight_g: numbers(1000, 12000, 500),
    grain_free: YES_NO,
  }, true),
  kindOf("shampoo", "shampoos", 4, 24, {
    scent: words("nettle citrus plain honey"),
    ml: numbers(200, 1000, 50),
    solid: YES_NO,
  }, true),
  kindOf("notebook", "notebooks", 3, 28, {
    ruling: words("plain ruled squared dotted"),
    pages: numbers(48, 320, 16),
    hard_cover: YES_NO,
  }, true),
  kindOf("granola", "granolas", 4, 24, {
    flavour: words("hazelnut cherry cocoa apple"),
    weight_g: numbers(300, 2000, 100),
    added_sugar: YES_NO,
  }, true),
];

/** First words of titles, one for each product of a kind; plain words, so that no brand is meant. */
export const SERIES: readonly string[] = words(`
  Heron Willow Tarn Meadow Harbour Lantern Quarry Orchard Thistle Juniper Bramble Sparrow Kestrel Otter Badger Marten Plover
  Curlew Linnet Dunlin Fjord Glacier Prairie Canyon Lagoon Delta Summit Ridge Hollow Glen Moor Fen Copse Thicket Arbour Bower
  Cinder Ember Frost Drizzle Zephyr Monsoon Solstice Equinox Comet Nebula Aurora Gable Meridian Tundra Savanna Steppe Atoll
  Islet Reef Anchor Rudder Mast Tiller Beacon Pier Jetty Wharf Mill Forge Loom Spindle Anvil Bellows Quill Parchment Sonnet
  Ballad Cadence Tempo Chord Fable Riddle Ditty Legend Pilgrim Nomad Drifter Sailor`);

/** Sellers, 90. */
export const SELLERS: readonly string[] = lines(`
  Aldermoor Goods
  Ashlock Supply
  Bannock Works
  Barley and Bolt
  Bellhanger
  Birchline
  Blue Gable
  Bracken House
  Brightwater Store
  Brindle Trade
  Calder Yard
  Candlewick Row
  Chalk and Timber
  Cloverfold
  Cobble Lane
  Coldbrook
  Copperhand
  Cornerstone Parcel
  Cottonmarsh
  Cranefield
  Dapple and Son
  Darnley Stock
  Deepwell
  Dovetail Yard
  Driftmarket
  Dunehouse
  Eastgate Bazaar
  Elderberry Post
  Ellerby Home
  Fallow and Field
  Farthing Shop
  Fenwick Lane
  Fernhill Depot
  Fieldmouse
  Flintlock Home
  Foxglove Store
  Gannet Trading
  Garrow Stock
  Gatehouse Nine
  Gillyflower
  Goldthread
  Greybarn
  Halfpenny House
  Hartwood
  Hazel and Reed
  Hedgerow Post
  Highmill
  Hollin Supply
  Honeyford
  Ironbark Lane
  Ivywell
  Jackdaw Trade
  Kingfisher Row
  Kitebridge
  Larchwood Depot
  Lowmarsh
  Maplehook
  Marigold Parcel
  Millrace
  Mossgate
  Nettlebed
  Northquay
  Oatfield
  Old Pump Yard
  Orrery House
  Oxbow Store
  Pebblecourt
  Pennywort
  Pinfold
  Quayside Home
  Quince and Kin
  Ravensmoor
  Redwillow
  Rookery Lane
  Saltmarket
  Sandpiper Goods
  Shepherd Nine
  Silverbirch Post
  Skylark Depot
  Stonecrop
  Swallowtail
  Tallow and Wick
  Tanglewood Yard
  Teasel Home
  Thornbury Stock
  Tidewrack
  Turnstone
  Underhill Post
  Wayfarer Parcel
  Yarrowgate`);

/** What sellers say of themselves. */
export const SELLER_ABOUTS: readonly string[] = lines(`
  A small workshop that ships twice a week.
  Household things that last.
  Everything packed by hand, without plastic.
  Two sisters and a warehouse by the river.
  Returns are easy here: write and send it back.
  Plain goods at plain prices.
  Outlet of several makers, new stock every Thursday.
  We test what we sell at home first.
  Family shop since the old market closed.
  Repairs and spare parts for all we sell.`);

/** Towns where sellers are. */
export const SELLER_TOWNS: readonly string[] = words(
  "Harrowby Stennick Pellham Orrow Dunmere Castleby Windrush Tolland",
);

/** Review sentences by stars, 40 each: 200. */
export const REVIEWS: Readonly<Record<1 | 2 | 3 | 4 | 5, readonly string[]>> = {
  1: lines(`
    Broke after a week.
    Arrived in pieces, and nobody answered my letter.
    Nothing like the description.
    I sent it back the same day.
    Smells of glue even after a month of airing.
    One corner was bent and the screws were missing.
    Stopped working the second time I used it.
    Far too loud for any room.
    The colour came off on my hands.
    It leaks from the first minute.
    I would not give it to anyone.
    The worst thing I have bought this year.
    It wobbles whatever I put under it.
    Cracked when I put it down on the table.
    The lid does not fit, never did.
    Feels like cardboard.
    Took six weeks and was the wrong one.
    The handle got so hot that I dropped it.
    A waste of money and of a Saturday.
    The stitching opened in the wash.
    Rust after two rainy days.
    Half the size I had in mind, and ugly.
    The instructions belong to another product.
    It scratched my floor.
    Dead on arrival.
    The parts do not line up at all.
    I had to throw it away.
    Not even the box was right.
    It hums all night.
    Peeling within days.
    The seller blamed me for it.
    Please save yourself the trouble.
    It tipped over with nothing on it.
    Sharp edges everywhere.
    The smell made us put it outside.
    Two of them, two of them broken.
    It shrank to half.
    I measured twice; the page is simply wrong.
    The button fell off in my hand.
    Never again from here.`),
  2: lines(`
    Smaller than expected.
    Looks good but does not do much.
    Usable, if one is patient.
    The material is thinner than in the picture.
    It works on good days.
    Too heavy to carry far.
    The finish is rough in places.
    Arrived late and a little scratched.
    I keep it in the cellar now.
    Fine for a guest room, not for daily use.
    Hard to clean.
    The colour is duller than shown.
    Putting it together took a whole evening.
    It slips on a wet floor.
    Not worth the full price.
    The zip catches every time.
    Louder than I hoped.
    It needs a second pair of hands.
    One foot is shorter than the others.
    Holds less than it says.
    The cable is far too short.
    It fades in the sun.
    My old one was better.
    The smell went away after two weeks.
    Does half of what I bought it for.
    It creaks.
    The edges fray.
    Good idea, poor work.
    The switch is in the wrong place.
    It gathers dust like nothing else.
    I expected more for the money.
    Not as soft as it looks.
    The lid needs force.
    Wears out quickly.
    Takes up more room than I thought.
    The screws strip easily.
    Only the box was impressive.
    It stains.
    A little crooked, but it stands.
    I use it because I have it.`),
  3: lines(`
    Does what it should.
    Arrived late but works.
    Neither good nor bad.
    Fair for the price.
    It does the job and no more.
    Decent, with one dent.
    Good size, plain look.
    I got used to it.
    Some parts are fine, some are not.
    The second one was better than the first.
    Works after a small repair.
    Better than nothing, and it was cheap.
    The colour is not quite what I saw, but nice.
    A bit stiff in the beginning.
    All right for a rented flat.
    It could be lighter.
    The instructions are odd, the thing is fine.
    It holds, so far.
    Average, as I expected.
    The shape is nice, the surface less so.
    It takes a while to warm to it.
    Good enough for the garden shed.
    My neighbour likes it more than I do.
    It does not look like much, but it works.
    Delivery was quick, the rest is so-so.
    I would buy it again on sale.
    Solid, though not pretty.
    Fits, just.
    Needs a drop of oil now and then.
    The price is right, the finish is not.
    It could do with a better handle.
    We use it on weekends.
    Some assembly, some swearing, then fine.
    It is what it is.
    Not the best, not the worst.
    The smaller model would have done.
    Reliable but noisy.
    Quite practical once it is in place.
    The packing was better than the thing.
    Time will tell.`),
  4: lines(`
    Good value.
    Better than it looks.
    Sturdy and quick to put together.
    Only the colour is a little off.
    Does more than I asked of it.
    A small scratch, otherwise lovely.
    I like it more every week.
    Well made for the money.
    Easy to clean, easy to move.
    Quiet, and that is what I wanted.
    It fits the corner exactly.
    Soft without being flimsy.
    Nearly perfect; a longer cable would help.
    The whole family uses it.
    Warm in winter, pleasant to look at.
    Came a day early.
    It survived the move.
    Simple, and simply good.
    Honest work.
    The measurements on the page are right.
    Bought one, then a second for my sister.
    Light enough for a long walk.
    It has not let me down yet.
    Nice weight in the hand.
    Very even finish.
    I would take it again, in green.
    Almost as good as the dear ones.
    A pleasure on dark mornings.
    Keeps its shape.
    The seller answered within an hour.
    No smell, no fuss.
    Holds more than it says.
    It looks at home already.
    Just the right height.
    Dries quickly.
    A present that was really used.
    Clever little details.
    Packed with care.
    It closes tightly.
    Good for small kitchens.`),
  5: lines(`
    Would buy again.
    The best I have had.
    Exactly as described, only nicer.
    I have given three of them away as presents.
    Beautiful work, down to the last screw.
    Worth every coin.
    It replaced two other things in my flat.
    Years of use and still like new.
    My grandmother asked where I got it.
    So quiet that I check whether it is on.
    A joy every single day.
    Fast delivery and a handwritten card.
    It fits as if made for the place.
    Nothing to add, nothing to take away.
    Strong, light and handsome.
    The colour is even better in daylight.
    I stopped looking for another.
    It made the room.
    Everyone who visits asks about it.
    Clear instructions, ten minutes, done.
    Soft, warm and washable.
    It feels as if it will outlive me.
    The right thing at the right price.
    Perfect gift.
    I sold my old one the same week.
    It saved our camping trip.
    Not a single flaw that I could find.
    Works the first time, every time.
    My back says thank you.
    A classic already.
    Better than those at twice the price.
    We fight over who may use it.
    It smells of real wood.
    Gentle on the floor, kind to the eye.
    I wish they made everything like this.
    Survived two children and a dog.
    Small, clever and built to last.
    The seller even called to ask if it fits.
    Ordered one, then four more.
    Exactly what the kitchen needed.`),
};

/** Questions about products. */
export const QUESTIONS: readonly string[] = lines(`
  Does the {kind} come put together?
  Is the colour of the {kind} true to the picture?
  How long did delivery take?
  Can one clean the {kind} with water?
  Is the {kind} good for a small flat?
  Does the {kind} smell in the first days?
  Are spare parts to be had?
  Would you buy this {kind} again?
  Is the {kind} heavy to carry upstairs?
  Does it come in other colours?
  Is the {kind} suited to daily use?
  How is the {kind} packed?
  Does the {kind} make any noise?
  Is it fit for outdoor use?
  Did anyone give the {kind} as a present?
  Does the {kind} stand firmly?
  Is the {kind} safe with small children around?
  How does the {kind} look after a year?
  Is there a guarantee?
  Does the {kind} fit into a car?
  Are there instructions on paper?
  Is the material as nice as it looks?
  Does this {kind} wear out quickly?
  Would two of them fit next to each other?
  Is the {kind} the same as last year's?`);

/** Answers to them. */
export const ANSWERS: readonly string[] = lines(`
  Yes, mine did.
  No, not in my experience.
  It took about a week.
  I have had it for a year and it is fine.
  Hard to say, I use it rarely.
  Mine came in a plain box with paper around it.
  Better than I expected.
  I wipe it with a damp cloth, that is enough.
  Not at all.
  A little in the beginning.
  Write to the seller, they answer quickly.
  I would, yes.
  It depends on how you use it.
  Two people should carry it.
  There was a sheet of paper inside.
  I gave mine to a friend, who likes it.`);

/** Names of wish lists beside the first one. */
export const WISH_LISTS: readonly string[] = words(
  "kitchen balcony office presents camping bedroom hallway workshop winter study",
);

/** Name of the wish list that an item goes to where none is named. */
export const FIRST_WISH_LIST = "wishes";

/** Notes on wishes. */
export const WISH_NOTES: readonly string[] = lines(`
  for the kitchen
  wait for a sale
  birthday
  later
  for the office
  compare first
  maybe in blue
  only if it fits
  ask the others
  when the old one breaks
  for the summer
  a good one`);

/** Gift notes. */
export const GIFT_NOTES: readonly string[] = lines(`
  Happy birthday!
  For your new home.
  With love.
  Thank you for everything.
  Get well soon.
  For long evenings.
  Because you asked for it.
  From all of us.
  Enjoy it!
  To a good year.`);

/** Reasons of returns. */
export const RETURN_REASONS: readonly string[] = lines(`
  too small
  too large
  arrived damaged
  not as described
  ordered by mistake
  changed my mind
  does not fit
  wrong colour`);

/** Labels of addresses beside home. */
export const ADDRESS_LABELS: readonly string[] = words("work parents cabin studio");

/** First parts of voucher codes. */
export const VOUCHER_WORDS: readonly string[] = words(`
  SPRING HELLO HOME THANKS GARDEN WINTER TEATIME MOVING PARCEL WEEKEND FRIEND KITCHEN LANTERN PICNIC HARVEST COSY`);
