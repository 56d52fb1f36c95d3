/**
 * Words for the phone: conversations, voice clips, spam, labels of alarms and services in the address book.
 *
 * Contract: own work, no real brands, nothing personal. A conversation is lines separated by `|`, in turns; slots are `{thing}`,
 * `{place}`, `{day}`, `{hour}` and `{name}`, the given name of the one who is written to first.
 *
 * @module
 */

function lines(text: string): readonly string[] {
  return text.trim().split("\n").map((line) => line.trim());
}

/** Making and changing plans. */
const PLANS = lines(`
  See you at {place} at {hour}? | Yes, {hour} works. | Great, I will bring the {thing}.
  Are we still on for {day}? | Of course. | Good, I was not sure.
  Do you want to join for {thing} on {day}? | Love to. Where? | At {place}, around {hour}.
  Let us meet at {place} on {day}. | Can we make it {hour}? | Fine with me.
  Shall we try {place} this week? | Any day but {day}. | Then I will ask around.
  Who is coming on {day}? | Just us so far. | More for us then.
  I booked {place} for {day}. | You are the best. | Tell the others, please.
  Could we move {day} to {hour}? | Sure, no rush.
  {name}, lunch at {place}? | Give me until {hour}. | Deal.
  Are you free on {day}? | Only after {hour}. | That is perfect.
  I can not make it on {day}, sorry. | Pity! Next week? | Next week for sure.
  Is {place} open on {day}? | I think until {hour}. | Then let us go early.
  Long time no see, {name}! {thing} on {day}? | Yes please! | I will call you.
  Change of plan: {place} instead. | Fine, same time? | Same time.
  Where do we meet? | In front of {place}. | On my way.
  Dinner at {hour}, do not forget the {thing}. | Already packed.
  I will be at {place} around {hour}. | See you there. | Look for the green coat.
  Do I need to bring anything on {day}? | Just the {thing}. | Easy.
  Weather looks bad for {day}. | Then {place}, it is dry there. | Good thinking.
  Can we start at {hour} on {day}? | I will ask {place} for a table.`);

/** On the way and late. */
const LATE = lines(`
  Running late, start without me. | No worries. | Ten minutes, promise.
  The train is stuck again. | Take your time, we are at {place}.
  I am at {place}, where are you? | Round the corner. | I see you!
  Almost there. | Good, the {thing} is getting cold.
  Traffic is terrible. | Try the road by {place}. | Better, thanks.
  Missed the bus, next one is at {hour}. | We will wait.
  Just left the house. | Did you take the {thing}? | Of course I did.
  Which platform? | The one by the clock. | Found it.
  Can you save me a seat? | Second row, left.
  I took the wrong turn. | Turn at {place}. | Got it.
  Home safe? | Home safe. Thanks for driving. | Any time.
  Battery is low, see you at {hour}. | See you.`);

/** Thanks and praise. */
const THANKS = lines(`
  Thanks for the {thing} yesterday! | My pleasure. | Next one is on me.
  The {thing} was great, we should do it again. | How about {day}?
  You saved my {day}. | What are friends for.
  Got the {thing}, all good. | Glad it fits.
  That was a lovely evening. | It was. Say hello to everyone.
  Your {thing} recipe worked! | I knew it would. | The kids want more.
  Thank you for the flowers. | You earned them, {name}.
  Great talk today. | I was so nervous. | Nobody noticed.
  Thanks for looking after the cat. | She slept most of the time.
  The photos are wonderful. | I will print a few for you.`);

/** Favours. */
const FAVOURS = lines(`
  Can you bring the {thing} on {day}? | Will do. | You are a star.
  Can I borrow your drill on {day}? | It is in the shed, help yourself. | Thanks, {name}.
  Please water the plants until {day}. | The ones on the balcony, too? | Yes, both.
  Did you book the {thing}? | Not yet, doing it now. | No stress.
  I left my keys at {place}. | I have them here. | What a relief.
  Could you pick up my parcel? | At {place}? | Yes, until {hour}.
  Do you have a spare {thing}? | Two, even. | I only need one.
  Can you feed the fish this weekend? | Sure, leave me the key. | It is under the pot.
  Would you read my letter before I send it? | Send it over. | Done, be gentle.
  Can you lend me your tent? | It smells of smoke, but sure.
  I need a hand with a wardrobe on {day}. | After {hour} I am yours. | There will be pizza.
  Could you print something for me? | Bring it by at {hour}.
  Can you drive me to {place}? | When? | On {day} at {hour}. | Deal.
  Your parcel is with me. | I will fetch it at {hour}.
  Do you know a good plumber? | Ask at {place}, they know one. | Thanks!
  Please let the cat in. | She is on the sofa already.`);

/** Home and family. */
const HOME = lines(`
  We are out of milk. | I pass the shop at {hour}. | And bread, please.
  Who took the {thing}? | It is in the hall cupboard. | Of course it is.
  The heating is off again. | I will call the landlord. | Tell him {day} is fine.
  Bins go out tonight. | Done. | Wonder of the week!
  Are you home for dinner? | Back at {hour}. | There is soup.
  The neighbours have a party on {day}. | Are we invited? | We are now.
  Your post is on the table. | Anything good? | Only bills.
  Grandma asks when you visit. | Tell her {day}. | She will be so happy.
  How is the little one? | Sleeping at last. | Then sleep, too!
  Can you help with homework at {hour}? | If it is not algebra. | It is algebra.
  The washing machine is singing. | That is the old bearing. | Can you look on {day}?
  Happy anniversary, you two! | You remembered! | I wrote it down.
  Cousins are coming on {day}. | All of them? | All of them.
  I painted the kitchen. | What colour? | You will see on {day}.
  The window by {place} side leaks. | Put a towel there, I will fix it.
  Can the dog stay with you on {day}? | The dog is always welcome.
  Is the {thing} still in the oven? | Yes, until {hour}. | Smells great up here.
  What shall we give mum? | She liked the {thing} at {place}. | Good idea.`);

/** Work. */
const WORK = lines(`
  The meeting moved to {hour}. | Same room? | Same room.
  Could you send me the list again? | It is in the shared folder. | Found it.
  The printer is out of order. | I called the service. | They come on {day}.
  Are you in on {day}? | From home. | Then we talk at {hour}.
  Good luck on {day}! | Thanks, I need it. | You do not.
  The client liked it. | All of it? | All but the colour.
  Can you take my shift on {day}? | If you take mine next week. | Deal.
  Lunch at {hour}? | {place}? | Where else.
  I will be five minutes late for the call. | We start with the budget.
  Who has the key to the storage? | Reception. | Thanks.
  Coffee machine works again! | Best news of the week.
  Please check the numbers before {day}. | Which ones? | The ones on page two.
  New colleague starts on {day}. | I will prepare the desk. | And the {thing}.
  The delivery is at the gate. | Who signs? | You do, please.
  Fire drill at {hour}, act surprised. | I am always surprised.
  Can I leave early on {day}? | Sure, just tell {name}. | That is you! | Then yes.`);

/** Free time, clubs and recommendations. */
const LEISURE = lines(`
  Practice is at {place} this week. | At {hour}? | As always.
  Did you finish the book? | Two chapters left. | No spoilers from me.
  You should hear the band at {place}. | When do they play? | Every {day}.
  I signed us up for the {thing}. | Us? | You will thank me.
  Ran ten today. | Minutes? | Kilometres! | Show-off.
  Which film on {day}? | The one with the boat. | Seen it. | Then the other one.
  The garden is full of beans. | I take some! | Bring a bag.
  Choir was fun today. | We were almost in tune.
  Do you still have the board game? | Complete even. | Game night on {day}!
  I need a new podcast. | Try the one about lighthouses. | Sold.
  Tickets go on sale at {hour}. | I am ready. | Front row!
  Yoga on {day}? | My back says yes. | And the rest? | The rest says sofa.
  There is a market at {place}. | What do they have? | Cheese, mostly. | I am coming.
  I found my old guitar. | Does it still play? | Three strings do.
  Swimming at {hour}? | Pool is closed on {day}. | Then the lake.
  Saw a fox at {place}. | Lucky you! | It looked at me for ages.
  Our team won! | By how much? | One point. | One is enough.
  Can you teach me chess? | On {day}, if you bring {thing}. | Deal.`);

/** Health, weather and small talk. */
const SMALL_TALK = lines(`
  How are you feeling? | Better, thank you. | Stay in bed anyway.
  Good morning! | Is it? | With coffee it is.
  Did you see the moon? | From the roof. Huge.
  It is snowing at {place}! | In this month? | Look outside.
  I am so tired. | Go to bed at {hour}. | You sound like mum.
  Dentist on {day}, wish me luck. | Luck! | It was only a cleaning.
  New haircut! | Picture or it did not happen. | On {day} in person.
  Happy name day, {name}! | Is it today? | It is.
  My leg is out of the plaster. | Dancing on {day}? | Walking first.
  I dreamt of {place}. | Good or bad? | There was {thing} everywhere.
  Call me when you have a minute. | In half an hour? | Perfect.
  Guess who I met at {place}! | Tell me. | Our old teacher.
  Sunny at last. | I am at {place} already. | Keep me a spot.
  Sorry I missed your call. | Nothing urgent. | I will call at {hour}.
  The {thing} cost more than I thought. | It always does. | True.
  Do you remember the old mill? | Who could forget. | They are fixing it.
  Is your phone working again? | You are reading this. | Point taken.`);

/** All conversations. */
export const CONVERSATIONS: readonly string[] = [
  ...PLANS,
  ...LATE,
  ...THANKS,
  ...FAVOURS,
  ...HOME,
  ...WORK,
  ...LEISURE,
  ...SMALL_TALK,
];

/** Invitations to something that people did together; slots `{title}`, `{date}`, `{hour}`. */
export const INVITATIONS: readonly string[] = lines(`
  {title} on {date} at {hour}, are you in?
  We are planning: {title}, {date}, {hour}. Coming?
  {title}, {date} at {hour}. I count on you!
  Would you come along? {title}, {date}, {hour}.
  Save the date: {title} on {date}, we meet at {hour}.`);
/** Answers of those who came. */
export const ACCEPTANCES: readonly string[] = lines(`
  I am in!
  Count me in.
  Yes, I will be there.
  Sure, looking forward to it.
  Of course I am coming.`);
/** Answers of those who did not come. */
export const REFUSALS: readonly string[] = lines(`
  I can not that day, have fun!
  Sorry, not this time.
  I have to work, send pictures.`);
/** The payer afterwards; slots `{title}`, `{total}`, `{part}`. */
export const AFTERWARDS: readonly string[] = lines(`
  That was fun. {title} came to {total}, your part is {part}.
  I paid {total} for this one ({title}). You owe me {part}.
  {title}: {total} in all, {part} for you.`);
/** Asking for a loan; slots `{amount}`, `{reason}`. */
export const LOAN_ASKS: readonly string[] = lines(`
  Could you lend me {amount} for the {reason}?
  I am short for the {reason}. Can you help out with {amount}?
  Would {amount} be possible until next month? It is for the {reason}.`);
/** Being reminded of a loan; slots `{amount}`, `{reason}`. */
export const LOAN_REMINDERS: readonly string[] = lines(`
  Do you remember the {amount} for the {reason}?
  Just a nudge: {amount} for the {reason} is still open.
  When you have a moment: the {amount} ({reason}), please.`);
/** Shared costs; slots `{item}`, `{month}`, `{total}`, `{part}`. */
export const HOME_COSTS: readonly string[] = lines(`
  Paid the {item} for {month}: {total}. Your part is {part}.
  The {item} bill for {month} is {total}, so {part} each.`);
/** Club meetings; slots `{club}`, `{topic}`, `{place}`, `{date}`. */
export const CLUB_CALLS: readonly string[] = lines(`
  {club} on {date}: {topic}, at {place}.
  Next time ({date}, {place}): {topic}. Bring friends!
  Do not forget: {club}, {date}, {place}. Topic: {topic}.`);
/** Birthday wishes; slot `{name}`. */
export const WISHES: readonly string[] = lines(`
  Happy birthday, {name}!
  All the best for your birthday, {name}!
  Many happy returns, {name}. Cake on the weekend?
  Happy birthday! Have a wonderful day.`);
/** Answers to wishes. */
export const WISH_ANSWERS: readonly string[] = lines(`
  Thank you so much!
  Thanks, you are the first one today.
  That is sweet, thank you.`);

/** What unknown numbers write. */
export const SPAM_TEXTS: readonly string[] = lines(`
  You have won a prize, reply to claim it.
  Final notice about your warranty.
  Cheap loans, no questions asked.
  Your account is locked, reply with your code.
  Only today: magic knives at half price.
  Your parcel is held, pay the fee by reply.
  Earn money from your sofa, ask us how.
  Congratulations, you are visitor number 9999.
  Lose ten kilos in a week with our drops.
  Your lucky number was drawn, call back now.
  Last chance to renew your warranty.
  Free holiday for the first ten callers.
  We buy any car, any state, any time.
  Your roof may be due for a check, reply YES.`);
/** What unknown numbers say. */
export const SPAM_CLIPS: readonly string[] = lines(`
  Hello, this is a call about your expired warranty, please call back at once
  Good day, you have been chosen for a free holiday, press one to hear more
  This is the lottery office, your ticket has won, we only need your card number
  We noticed a problem with your computer, stay on the line and do what we say
  Dear customer, your energy price is too high, switch today and save half
  This is your last reminder, a fine is due, pay now to avoid the court`);
/** What known people say; slots as in conversations. */
export const CLIPS: readonly string[] = lines(`
  Hi {name}, it is me, I am at {place} and they have the {thing} you wanted, call me back
  Just wanted to say that {day} works for me, see you at {hour}
  Sorry for the noise, I am on the train, I will be there at {hour}
  Listen to this, that is the band at {place}, we have to come back on {day}
  I forgot what you wanted from the market, was it {thing} or something else
  Thank you for last night, the {thing} was wonderful, sleep well
  Hello {name}, could you ring me before {hour}, it is about {day}
  The key is under the third pot, mind the dog, and thank you again
  So the plan is {place} first, then {thing}, then home, tell me if that is too much
  I am walking past {place} and thought of you, nothing else, have a good day
  The doctor says all is fine, I just have to rest until {day}
  We are singing for you, happy birthday dear {name}, hope you can hear it
  Could you please bring the {thing} on {day}, I always forget mine
  I have been waiting at {place} since {hour}, did we say the other door
  The bus is late again, please tell them I am coming
  You will not believe who I met at {place}, call me and I will tell you
  Quick question, do we still have {thing} at home, otherwise I buy some
  The children want to say good night, say good night, there you go
  Practice is moved to {hour} because of the hall, tell the others please
  I read your letter and I like it, change the ending and send it on {day}`);

/** What alarms are for. */
export const ALARM_LABELS: readonly string[] = lines(`
  wake up
  second wake up
  morning run
  swim
  stretching
  standup
  school run
  bus
  train
  tea break
  lunch
  nap
  call home
  water plants
  laundry
  bread rises
  bins out
  market
  feed the cat
  walk the dog
  piano
  choir
  language course
  reading hour
  evening walk
  backup
  vitamins
  eye drops
  bedtime
  lights out
  weekly review
  newsletter
  team lunch
  pick up kids`);
/** What timers are for. */
export const TIMER_LABELS: readonly string[] = lines(`
  eggs
  tea
  pasta
  oven
  plank
  laundry
  nap
  parking`);
/** Services in the address book. */
export const SERVICES: readonly string[] = lines(`
  Harrowby Dentist
  Bike Repair Shop
  Corner Pharmacy
  Plumber on Call
  Town Library
  Vet Clinic
  Garden Centre
  Taxi Harrowby
  Night Bakery
  Swimming Pool Desk
  Theatre Box Office
  Shoe Repair
  Parcel Office
  Hair Studio Bell Lane
  Driving School
  Town Hall Desk
  Optician Ferry Road
  Chimney Sweep`);
