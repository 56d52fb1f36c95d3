/**
 * Words for what people do together: places, titles of outings, reasons of loans, projects and their cards.
 *
 * @module
 */

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** Where one eats out. */
export const RESTAURANTS: readonly string[] = lines(`
  the Copper Pan
  the Green Fork
  Osteria Lume
  the Old Ferry House
  Noodle Corner
  the Salt Barrel
  Casa Verano
  the Plum Room
  Mill Street Grill
  the Blue Teapot
  Chez Odile
  the Harbour Table
  Little Saffron
  the Brass Spoon
  Garden Thirteen
  the Smoke Shed`);
/** Where one travels. */
export const TRIPS: readonly string[] = lines(`
  Lake Orrel
  the Pine Cabin
  Port Selwick
  the Windmoor Hills
  Castle Brayne
  the Sand Islands
  Upper Tarrow
  the Glass Caves`);
/** Where music is played. */
export const STAGES: readonly string[] = lines(`
  the Tin Hall
  Riverside Stage
  the Lantern Club
  Harrowby Arena
  the Old Cinema`);
/** Where groceries come from. */
export const SHOPS: readonly string[] = lines(`
  the corner market
  Bell Lane Grocer
  the farm stand
  Cooper Way Market`);
/** What gifts are bought together for. */
export const OCCASIONS: readonly string[] = lines(`
  a farewell present
  a birthday present
  a wedding present
  a baby present
  a housewarming present`);

/** Why money is lent. */
export const LOAN_REASONS: readonly string[] = lines(`
  concert ticket
  train fare
  bike repair
  groceries
  phone bill
  taxi home
  birthday present
  course fee
  parking fine
  vet bill
  new tyres
  dentist
  festival pass
  museum tickets
  camping gear
  cinema and snacks`);

/** Names of office projects. */
export const OFFICE_PROJECTS: readonly string[] = lines(`
  Spring Catalogue
  Website Refresh
  Warehouse Move
  Customer Survey
  Trade Fair Stand
  Supplier Review
  New Price List
  Training Week
  Energy Audit
  Packaging Redesign
  Hiring Round
  Annual Report
  Safety Manual
  Showroom Opening
  Data Clean-up
  Loyalty Scheme
  Product Photos
  Export Paperwork`);
/** Names of projects at home. */
export const HOME_PROJECTS: readonly string[] = lines(`
  Kitchen Paint
  Balcony Garden
  Spring Cleaning
  New Shelves
  Moving Boxes
  Flat Party
  Bike Cellar`);
/** Names of club projects, by the club's tie. */
export const CLUB_PROJECTS: Readonly<Record<string, string>> = {
  "book club": "Reading Year",
  "choir": "Market Day Concert",
  "running group": "Town Run",
  "film club": "Open Air Cinema",
  "garden club": "Seed Fair",
};
/** First words of cards. */
export const CARD_VERBS: readonly string[] = lines(`
  Draft
  Review
  Order
  Book
  Check
  Update
  Collect
  Print
  Compare
  Send out
  Clean up
  Measure
  Rewrite
  Confirm
  Photograph
  Sort
  Test
  Plan`);
/** What cards are about. */
export const CARD_THINGS: readonly string[] = lines(`
  the opening text
  the price sheet
  sample boxes
  the seating plan
  the floor plan
  the budget table
  supplier quotes
  the poster
  the guest list
  spare keys
  the paint colours
  the delivery dates
  the feedback form
  the volunteer list
  the label design
  the first aid kit
  the parking permits
  the power cables
  the opening hours
  the thank-you cards
  the storage rack
  the test results
  the photo album
  the sound system
  the weekly rota
  the contact sheet
  the return slips
  the cover image
  the measuring tape
  the closing speech`);
