"""Words that the composed sentences are filled with, by slot name."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split(",") if part.strip())


LEXICON: dict[str, tuple[str, ...]] = {
    "woman": _words(
        "Alice Amanda Amy Andrea Angela Anna Barbara Beth Brenda Carla Carol Caroline Charlotte Claire Clara "
        "Diana Donna Dorothy Eleanor Elizabeth Ella Emily Emma Eva Fiona Florence Frances Gloria Grace Hannah "
        "Harriet Heather Helen Irene Isabel Jane Janet Jennifer Jessica Joan Joyce Judith Julia Karen Kate "
        "Laura Leah Linda Lisa Louise Lucy Margaret Maria Marie Martha Mary Megan Melissa Michelle Monica Nancy "
        "Naomi Natalie Nicole Nina Olivia Pamela Patricia Paula Priya Rachel Rebecca Rita Rosa Rose Ruth Samantha "
        "Sandra Sarah Sharon Sophia Stella Susan Sylvia Teresa Tina Tracy Ursula Valerie Vanessa Vera Victoria "
        "Violet Wendy Yolanda Zoe"
    ),
    "man": _words(
        "Aaron Adam Alan Albert Alex Andrew Anthony Arthur Ben Bernard Bill Bob Brian Carl Carlos Charles Chris "
        "Daniel David Dennis Donald Douglas Edward Eric Ethan Felix Frank Fred Gary George Gerald Gordon Graham "
        "Greg Harold Harry Henry Howard Hugh Ian Isaac Jack Jacob James Jason Jeff Jim Joe John Jonathan Joseph "
        "Joshua Juan Keith Kenneth Kevin Larry Leo Leonard Lewis Louis Luis Luke Marcus Mark Martin Matthew "
        "Michael Miguel Nathan Neil Nicholas Noah Oliver Oscar Owen Patrick Paul Peter Philip Ralph Raymond "
        "Richard Robert Roger Ronald Roy Russell Sam Samuel Scott Sean Simon Stanley Stephen Steve Stuart Theo "
        "Thomas Tim Tom Tony Victor Vincent Walter William Xavier Zachary"
    ),
    "surname": _words(
        "Adams Allen Anderson Bailey Baker Barnes Bell Bennett Brooks Brown Butler Campbell Carter Chang Chen "
        "Clark Coleman Collins Cook Cooper Cox Cruz Davies Davis Diaz Edwards Ellis Evans Fisher Flores Ford Foster "
        "Garcia Gibson Gomez Gonzalez Gray Green Griffin Gupta Hall Hamilton Harris Harrison Hayes Henderson Hill "
        "Hoffman Howard Hughes Hunter Jackson Jenkins Johnson Jones Jordan Kelly Kennedy Khan Kim King Lambert Lee "
        "Lewis Long Lopez Marshall Martin Martinez Mason McDonald Miller Mitchell Moore Morgan Morris Murphy Murray "
        "Myers Nelson Nguyen Nielsen O'Brien O'Connor Olson Ortiz Palmer Parker Patel Patterson Perez Perry Peterson "
        "Phillips Porter Powell Price Ramirez Reed Reynolds Richardson Rivera Roberts Robinson Rodriguez Rogers "
        "Russell Sanchez Sanders Schmidt Schneider Scott Shaw Silva Simmons Singh Smith Stevens Stewart Sullivan "
        "Tanaka Taylor Thomas Thompson Torres Turner Walker Wallace Ward Washington Watson Webb West White Williams "
        "Wilson Wong Wood Wright Yamamoto Young Zimmerman"
    ),
    "city": _phrases(
        "Amsterdam, Athens, Atlanta, Auckland, Austin, Bangkok, Barcelona, Beijing, Belfast, Berlin, Birmingham, "
        "Boston, Bristol, Brussels, Budapest, Buenos Aires, Cairo, Calgary, Cambridge, Cape Town, Cardiff, "
        "Charleston, Chicago, Cleveland, Copenhagen, Dallas, Delhi, Denver, Detroit, Dublin, Edinburgh, Florence, "
        "Frankfurt, Geneva, Glasgow, Hamburg, Helsinki, Hong Kong, Honolulu, Houston, Istanbul, Jakarta, Jerusalem, "
        "Kansas City, Lagos, Las Vegas, Leeds, Lima, Lisbon, Liverpool, London, Los Angeles, Madrid, Manchester, "
        "Melbourne, Memphis, Mexico City, Miami, Milan, Milwaukee, Minneapolis, Montreal, Moscow, Mumbai, Munich, "
        "Nairobi, Naples, Nashville, New Orleans, New York, Oakland, Orlando, Osaka, Oslo, Ottawa, Oxford, Paris, "
        "Philadelphia, Phoenix, Pittsburgh, Portland, Prague, Quebec, Richmond, Rome, Sacramento, Salt Lake City, "
        "San Antonio, San Diego, San Francisco, Santiago, Savannah, Seattle, Seoul, Shanghai, Singapore, Stockholm, "
        "Sydney, Tampa, Tokyo, Toronto, Vancouver, Venice, Vienna, Warsaw, Washington, Wellington, Zurich"
    ),
    "country": _phrases(
        "Argentina, Australia, Austria, Belgium, Brazil, Canada, Chile, China, Colombia, Denmark, Egypt, England, "
        "Finland, France, Germany, Greece, Iceland, India, Indonesia, Ireland, Israel, Italy, Jamaica, Japan, Kenya, "
        "Malaysia, Mexico, Morocco, New Zealand, Nigeria, Norway, Peru, Poland, Portugal, Scotland, South Africa, "
        "South Korea, Spain, Sweden, Switzerland, Thailand, Turkey, Ukraine, Vietnam, Wales"
    ),
    "state": _phrases(
        "Alabama, Alaska, Arizona, California, Colorado, Florida, Georgia, Hawaii, Idaho, Illinois, Iowa, Kansas, "
        "Kentucky, Louisiana, Maine, Maryland, Michigan, Minnesota, Montana, Nebraska, Nevada, New Jersey, New Mexico, "
        "North Carolina, Ohio, Oklahoma, Oregon, Pennsylvania, Tennessee, Texas, Utah, Vermont, Virginia, Wisconsin"
    ),
    "street": _phrases(
        "Oak Street, Maple Avenue, Park Road, High Street, Church Lane, Main Street, Mill Road, River Drive, "
        "Sunset Boulevard, Cedar Court, Victoria Street, Lincoln Avenue, King's Road, Elm Street, Station Road, "
        "Chestnut Street, Bridge Street, Garden Lane, Prospect Place, Harbor Drive, Broadway, Fifth Avenue"
    ),
    "venue": _phrases(
        "the library, the airport, the train station, the museum, the post office, the town hall, the hospital, "
        "the supermarket, the park, the swimming pool, the cinema, the bakery, the bookshop, the hotel, the harbour, "
        "the school, the university, the stadium, the bank, the pharmacy, the gallery, the theatre, the market, "
        "the community centre, the bus stop, the petrol station, the cafe, the church, the garage, the zoo"
    ),
    "thing": _words(
        "umbrella lamp suitcase guitar camera bicycle kettle blanket notebook mirror wallet jacket ladder hammer "
        "telescope violin basket candle pillow envelope calendar bottle keyboard backpack carpet curtain drawer "
        "engine fence flag bucket helmet jigsaw kite lantern magazine microphone needle newspaper oven painting parcel "
        "passport pencil photograph piano printer puzzle radio refrigerator ring rope scarf scooter screwdriver shelf "
        "shovel sofa spoon stapler statue sweater table telephone television tent thermometer ticket toaster towel "
        "tractor trumpet typewriter vase watch wheelbarrow whistle wrench charger tablet speaker necklace bracelet"
    ),
    "food": _phrases(
        "apple pie, tomato soup, fresh bread, scrambled eggs, roast chicken, chocolate cake, vegetable curry, "
        "grilled salmon, mashed potatoes, pancakes, cheese on toast, fruit salad, mushroom risotto, fish and chips, "
        "spaghetti, tacos, lemonade, black coffee, green tea, orange juice, strawberry jam, peanut butter, "
        "rice and beans, garlic bread, ice cream, oatmeal, onion rings, sushi, lamb stew, blueberry muffins, "
        "a cheese sandwich, a bowl of noodles, a slice of pizza, a glass of water, a cup of tea"
    ),
    "grocery": _words(
        "milk eggs butter bread flour sugar salt rice pasta onions garlic carrots potatoes tomatoes lettuce apples "
        "bananas oranges lemons grapes strawberries chicken beef fish cheese yogurt honey olives coffee tea cereal "
        "beans lentils spinach peppers mushrooms cucumbers peas corn nuts chocolate biscuits jam mustard vinegar soap"
    ),
    "animal": _words(
        "dog cat horse rabbit fox owl squirrel badger hedgehog eagle salmon dolphin whale tiger elephant giraffe "
        "monkey parrot penguin sheep goat cow pig duck goose swan robin sparrow frog turtle lizard snake spider bee "
        "butterfly beetle wolf bear deer otter seal crab octopus hamster kitten puppy donkey kangaroo camel"
    ),
    "job": _phrases(
        "teacher, nurse, plumber, engineer, baker, lawyer, doctor, dentist, farmer, mechanic, carpenter, pilot, "
        "journalist, photographer, librarian, electrician, accountant, architect, waiter, chef, gardener, painter, "
        "singer, dancer, actor, writer, judge, soldier, sailor, scientist, musician, manager, driver, cashier, "
        "police officer, shop assistant, history professor, tour guide, software developer, project manager"
    ),
    "relative": _phrases(
        "my mother, my father, my sister, my brother, my aunt, my uncle, my grandmother, my grandfather, my cousin, "
        "my neighbour, my boss, my best friend, my wife, my husband, my daughter, my son, my colleague, my landlord, "
        "our teacher, our doctor, the manager, the new neighbour, the postman, the old man next door"
    ),
    "adjective": _words(
        "beautiful quiet strange gentle bright heavy empty narrow ancient modern clever honest curious stubborn "
        "cheerful gloomy careful reckless fragile sturdy elegant clumsy generous selfish patient nervous calm proud "
        "humble bitter sweet sour fresh stale warm chilly frozen damp dusty muddy shiny dull sharp smooth rough thick "
        "thin deep shallow wide tiny enormous ordinary remarkable famous mysterious familiar foreign simple "
        "complicated useful useless expensive cheap broken perfect dangerous safe noisy peaceful sudden gradual early"
    ),
    "feeling": _phrases(
        "happy, tired, excited, worried, hungry, thirsty, angry, surprised, disappointed, relieved, confused, bored, "
        "grateful, lonely, jealous, embarrassed, hopeful, anxious, delighted, upset, sleepy, nervous, proud, "
        "much better, a little cold, quite lost, completely exhausted, rather pleased, terribly sorry, a bit dizzy"
    ),
    "colour": _words(
        "red blue green yellow orange purple pink brown black white grey silver golden turquoise navy"
    ),
    "abstract": _phrases(
        "patience, freedom, justice, happiness, courage, friendship, the weather, music, the economy, climate change, "
        "good coffee, modern art, public transport, the internet, football, cooking, history, philosophy, kindness, "
        "time travel, the housing market, ancient Rome, space exploration, artificial intelligence, gardening, chess, "
        "physics, sleep, healthy eating, poetry, jazz, education, the election, the moon landing, old films"
    ),
    "activity": _phrases(
        "swimming, reading, cooking dinner, playing the piano, riding a bike, walking the dog, painting the kitchen, "
        "learning Spanish, watching television, doing the laundry, writing letters, baking bread, climbing mountains, "
        "fixing the car, cleaning the windows, planting roses, singing in the choir, running a marathon, dancing, "
        "taking photographs, building a shed, moving house, studying for the exam, waiting for the bus, "
        "working from home, visiting friends, packing the suitcase, playing chess, going for a run, making coffee"
    ),
    "deed": _phrases(
        "close the window, lock the door, call the doctor, water the plants, feed the cat, pay the rent, "
        "post the letter, book a table, order a taxi, clean the kitchen, charge the phone, return the keys, "
        "finish the report, check the oven, buy some milk, pick up the children, turn off the lights, wash the dishes, "
        "sign the form, print the tickets, answer the phone, take out the rubbish, bring an umbrella, read the manual, "
        "charge your laptop, back up your files, fix the printer, cancel the meeting, send the invoice, "
        "renew the passport, hang up your coat, set the alarm, make the bed, mow the lawn, pack your bags, "
        "write it down, keep the receipt, tell the truth, ask for help, take a break, drink more water"
    ),
    "past": _phrases(
        "closed the window, locked the door, called the doctor, watered the plants, fed the cat, paid the rent, "
        "posted the letter, booked a table, ordered a taxi, cleaned the kitchen, returned the keys, lost the map, "
        "finished the report, burned the toast, bought some milk, picked up the children, turned off the lights, "
        "washed the dishes, signed the form, printed the tickets, answered the phone, dropped the vase, won the race, "
        "missed the train, broke the mirror, wrote a song, told a long story, laughed at the joke, fell asleep, "
        "caught a cold, found the answer, sold the house, painted the fence, climbed the hill, opened the box, "
        "spilled the coffee, forgot the password, packed the car, baked a cake, changed the subject"
    ),
    "verb": _words(
        "arrive begin bend blow borrow break bring build burn buy call carry catch change choose clean climb close "
        "collect come cook count cover cross cry cut dance decide deliver dig draw dream drink drive drop earn eat "
        "enter escape explain fall feed feel fight fill find finish fix float fly fold follow forget forgive gather "
        "give grow guess hang hear help hide hold hope hurry imagine invent invite join jump keep kick knock know "
        "laugh lead learn leave lend lift listen look lose love measure melt mend mix move need notice obey offer "
        "open order paint park pass pay pick plan plant play point pour practise pray press promise pull push put "
        "reach read remember repair reply rest return ride ring rise run sail save search see sell send share shine "
        "shout show shut sing sit sleep smell smile speak spend stand start stay steal stop study swim take talk "
        "taste teach tell think throw touch travel try turn understand visit wait wake walk want warn wash watch wear "
        "whisper win wish wonder work worry write"
    ),
    "said": _phrases(
        "said, said, whispered, shouted, replied, answered, muttered, cried, laughed, explained, "
        "insisted, murmured, sighed, called, announced, added, admitted, grumbled"
    ),
    "adverb": _words(
        "quickly slowly quietly loudly carefully suddenly gently happily sadly patiently eagerly calmly angrily "
        "politely rudely bravely nervously softly firmly honestly finally usually rarely often always never sometimes "
        "clearly simply really probably certainly perhaps gradually immediately eventually"
    ),
    "when": _phrases(
        "today, tomorrow, tonight, yesterday, last night, this morning, next week, last summer, on Monday, on Tuesday, "
        "on Wednesday, on Thursday, on Friday, at the weekend, in the evening, before lunch, after dinner, "
        "an hour ago, in a few minutes, as soon as possible, once a month, every day, at midnight, over the holidays"
    ),
    "past_when": _phrases(
        "yesterday, last night, this morning, last week, last summer, on Monday, on Tuesday, on Friday, an hour ago, "
        "two days ago, before lunch, after dinner, at midnight, a long time ago, earlier today, over the weekend, "
        "in the spring, just now, without thinking, in a hurry, for the first time"
    ),
    "future_when": _phrases(
        "tomorrow, tonight, next week, on Monday, on Thursday, on Saturday, in the evening, after lunch, soon, "
        "in a few minutes, as soon as possible, before the weekend, next month, later today, by Friday, in the spring"
    ),
    "day": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "month": _words("January February March April May June July August September October November December"),
    "weather": _phrases(
        "light rain, heavy snow, bright sunshine, thick fog, strong winds, scattered showers, thunderstorms, "
        "clear skies, low cloud, freezing rain, a gentle breeze, hail, patchy drizzle, sunny spells, mild temperatures"
    ),
    "direction": _words("left right north south east west"),
    "landmark": _phrases(
        "the roundabout, the traffic lights, the old church, the bridge, the fountain, the second junction, "
        "the railway crossing, the supermarket, the school gates, the fire station, the corner shop, the war memorial"
    ),
    "room": _words(
        "kitchen bathroom bedroom hallway garden garage attic cellar office balcony library workshop"
    ),
    "device": _phrases(
        "the phone, the laptop, the screen, the heating, the radio, the camera, the microphone, the alarm, the lights, "
        "the dishwasher, the washing machine, the router, the projector, the tablet, the speakers, the printer"
    ),
    "app_object": _phrases(
        "the file, the window, the folder, the document, the settings, the calendar, the last message, "
        "a new tab, the playlist, my contacts, the timer, the map, the camera, the spreadsheet, the presentation, "
        "the recording, this page, the next track, the previous song, the photo album, the shopping list"
    ),
    "document": _phrases(
        "the contract, the invoice, the agenda, the report, the draft, the slides, the proposal, the minutes, "
        "the budget, the schedule, the manuscript, the updated figures, the signed form, the photos, the floor plan"
    ),
    "topic": _phrases(
        "the new school, the budget, the bridge repairs, the water supply, the local elections, the train strike, "
        "the museum's reopening, the tax reform, the rescue operation, the merger, the vaccine trial, "
        "the film festival, the housing plan, the trade agreement, the discovery of a new planet, the heat wave, "
        "the football final, rising fuel prices, the missing painting, a record harvest"
    ),
    "official": _phrases(
        "the mayor, the prime minister, the president, a spokesman, the company's chairman, the head teacher, "
        "the police, local officials, the minister of health, the committee, city leaders, the union, scientists, "
        "the fire service, the finance minister, the court, researchers, a government report, the central bank"
    ),
    "organisation": _phrases(
        "the city council, the university, the hospital, the airline, the charity, the museum, the power company, "
        "the football club, the insurance company, the railway, the theatre, the library, the United Nations, NASA, "
        "the BBC, the FBI, IBM, the European Union, the World Bank, the post office"
    ),
    "acronym": _words(
        "BBC CNN FBI CIA NASA UNESCO USB GPS DVD CPU GPU HTML PDF VIP CEO DNA ATM FAQ UK US EU UN TV PC"
    ),
    "noun_plural": _words(
        "books letters windows flowers shoes tickets chairs coins keys maps stamps songs stories questions ideas "
        "problems dreams mistakes memories photographs clouds mountains rivers islands bridges trains buses ships "
        "children students neighbours strangers soldiers teachers birds horses trees leaves stones shadows mirrors"
    ),
    "invented": _words(
        "Glimmerfax Zorbital Quenlow Brightly Fendora Kalvix Lumiva Mondera Nexigo Orbello Plenara Quixel Ravello "
        "Solenne Tarvik Ulvane Vandora Wexley Xandri Yorvale Zentrix Calibra Dravina Elmorin Florenza Grendal "
        "Halvora Istria Jorvik Kestrelle Loomwell Marivelle Norvane Ostrava Pellwick Rothmere Sylvara Thornby"
    ),
    "asked": _words("asked wondered demanded cried whispered said"),
    "exclaimed": _words("exclaimed cried shouted yelled gasped"),
    "participle": _words("broken stolen returned painted found sold bought lost repaired"),
    "grocery_box": _words("boxes bags jars tins packets bottles pounds"),
    "time_of_day": _words("morning afternoon evening night"),
    "compass": _words("north south east west"),
    "left_right": _words("left right"),
    "when_often": _phrases(
        "on Sundays, in the morning, at night, in the rain, every summer, after work, with friends, alone, "
        "on a cold day, before breakfast, in the winter, once in a while, on long train journeys, by the sea"
    ),
}
