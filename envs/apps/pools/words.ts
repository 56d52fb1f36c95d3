/**
 * Words that worlds of all apps are made of: invented names of people, streets, employers, clubs and places, and things.
 *
 * Contract: own work, no real brands, nothing personal.
 *
 * @module
 */

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** Given names of women. */
export const WOMEN: readonly string[] = words(`
  Ada Alva Bea Cora Dara Edda Elin Fay Gia Greta Hana Ida Ines Jola Kaia
  Lena Lotta Mara Mina Nela Nora Oda Pia Rika Runa Sena Tilda Ula Vera Zita
  Anka Asta Berit Cilia Dina Effie Elsa Enid Flora Freya Gilda Hedda Inga Isla Juna
  Kira Liv Luna Maia Marit Nadia Nessa Olga Petra Rosa Sanna Thea Tova Vida Wilma`);

/** Given names of men. */
export const MEN: readonly string[] = words(`
  Abel Arlo Ben Bram Cato Dov Edo Emil Finn Gus Hal Hugo Ivo Jon Kai
  Lars Leo Milo Nils Odo Otto Pim Rolf Sami Taro Tom Uwe Vito Wim Yan
  Aksel Alvin Anton Birger Casper Dario Eino Elias Felix Frode Gideon Hector Igor Jasper Joren
  Konrad Linus Lukas Magnus Marek Niko Olaf Oskar Pavel Quentin Rufus Sven Tibor Viggo Walter`);

/** Family names. */
export const FAMILIES: readonly string[] = words(`
  Abarn Aldeck Ansk Balder Barrow Bexley Birk Bolm Brask Cald Corvin Crewe Dask Delvo Dorn Dreyer Elk Emsley Falk Fenn
  Flint Gable Garr Gorse Hale Harl Hesk Holm Irvo Jarn Kell Kester Korda Lark Lindo Lorne Marsh Melk Morro Nash
  Nevin Oake Orrin Pell Penn Quist Rask Reed Ronde Sand Selk Stroud Tarn Thorn Ulver Vance Velk Voss Wick Yarrow
  Ardell Ashvale Avon Bantry Bellamy Blenk Borrel Brandt Briar Calder Carrow Clave Coller Corben Crail Culver Dallow
  Danvers Dene Dray Dunmore Eastley Ebbing Ellery Elswick Farrow Fawley Ferrand Gadd Galloway Garrick Glenn Gorrel
  Grindal Hadley Halden Harker Hartwell Hazel Heron Hollin Hurst Inskip Ivers Jessop Jorrin Kelby Kendrick Kerris
  Kirkby Lacey Landor Larkham Leith Linden Lockwood Lorrimer Lydden Mallory Marden Merrow Milburn Morland Mossley
  Narbeth Norden Oakden Orwell Osgood Paxley Pembry Penrow Quarrie Radley Ransome Redfern Ripley Rowan Rudd Sallow
  Sedley Selwyn Sharrow Sorley Stannard Tallis Tarrant Thirsk Tolland Trask Tunnel Ulric Varden Wadley Wexham Winslow`);

/** Mail domains. */
export const DOMAINS: readonly string[] = words("pine.test reed.test moss.test");
/** Area codes; the rest of a number comes from the fiction range 555-0100 to 555-0199. */
export const AREAS: readonly string[] = words("317 402 586");
/** Streets; homes of one street are neighbours. */
export const STREETS: readonly string[] = lines(`
  Alder Row
  Bell Lane
  Cooper Way
  Dell Street
  Elm Court
  Ferry Road`);
/** Town where everybody lives. */
export const TOWN = "Harrowby";
/** Employers. */
export const EMPLOYERS: readonly string[] = words(
  "Lumenworks Tidegate Brickfold Parchwell Oaklane Quarrystone",
);
/** What each employer does, in the same order. */
export const EMPLOYER_TRADES: readonly string[] = words("lighting shipping building printing furniture masonry");
/** Jobs of people who are no managers. */
export const ROLES: readonly string[] = words(
  "designer clerk planner technician analyst buyer editor fitter writer tester",
);
/** Clubs: how contacts are tied by them, and what meetings are about. */
export const CLUBS: readonly { readonly tie: string; readonly name: string; readonly topics: readonly string[] }[] = [
  {
    tie: "book club",
    name: "Harrowby Book Club",
    topics: lines(`
      The Salt Road
      A House of Four Winds
      Letters to the Ferryman
      The Clockmaker's Winter
      North of the Orchard
      Seven Quiet Rooms`),
  },
  {
    tie: "choir",
    name: "Bell Lane Choir",
    topics: lines(`
      spring programme
      the new round in three parts
      rehearsal with piano
      warming up and breathing
      songs for the market day`),
  },
  {
    tie: "running group",
    name: "Canal Runners",
    topics: lines(`
      ten slow kilometres
      hill repeats
      relay teams
      trail behind the mill
      pacing for the town run`),
  },
  {
    tie: "film club",
    name: "Back Row Film Club",
    topics: lines(`
      The Lighthouse Season
      Paper Boats
      Midnight Tram
      The Beekeeper's Map
      Two Doors Down`),
  },
  {
    tie: "garden club",
    name: "Dell Street Gardeners",
    topics: lines(`
      seed swap
      pruning the pear trees
      compost bins
      beans and trellises
      the greenhouse rota`),
  },
];

/** First half of passwords. */
export const PASSWORD_WORDS: readonly string[] = words(`
  amber birch cedar cloud delta ember fern flint frost grove heron ivory juniper kelp lilac maple night ocean pearl quartz`);

/** Things that people eat, carry or talk about. */
export const THINGS: readonly string[] = words(`
  tickets pizza groceries books flowers taxi lunch dinner coffee paint tools cake fuel rent internet laundry camping
  concert museum snacks drinks brunch parking train present yoga swimming tennis repair stamps`);
/** Places. */
export const PLACES: readonly string[] = lines(`
  the park
  the station
  the old mill
  the harbour
  the library
  the market
  my place
  the pool
  the cinema
  the garden`);
