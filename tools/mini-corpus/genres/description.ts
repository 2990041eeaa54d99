/** @file Descriptions of animals, food, places, weather, people and things: a subject and several sentences on it. */
import { type Frame, frames, join } from '../engine/frames.js';
import type { Genre } from './genre.js';

export interface Topic {
  readonly name: string;
  /** The words that the whole description is about. */
  readonly bind: readonly string[];
  readonly openings: readonly Frame[];
  readonly sentences: readonly Frame[];
}

const animal: Topic = {
  name: 'animals',
  bind: ['animal'],
  openings: frames(`
I saw a {animalAdj} {animal} today. | 今天我看见一{animal.m}{animalAdj}的{animal}。
This {animal} is really {animalAdj}. | 这{animal.m}{animal}真{animalAdj}。
A {animal} lives near our house. | 我们家附近住着一{animal.m}{animal}。
There is a {animalAdj} {animal} in this picture. | 这张照片里有一{animal.m}{animalAdj}的{animal}。
My {relative} likes {animal.s} best of all animals. | 所有动物里，我{relative}最喜欢{animal}。
Look, a {animal}! | 看，一{animal.m}{animal}！
Once we met a {animal} in the {wildHome}. | 有一次我们在{wildHome}碰到一{animal.m}{animal}。
{person} drew a {animalAdj} {animal}. | {person}画了一{animal.m}{animalAdj}的{animal}。
`),
  sentences: frames(`
It is {animalAdj} and {animalAdj2}. | 它又{animalAdj}又{animalAdj2}。
It looks {animalAdj}, but it is very {animalAdj2}. | 它看起来很{animalAdj}，其实非常{animalAdj2}。
It likes to {animalAction} in the {wildHome}. | 它喜欢在{wildHome}{animalAction}。
In the morning it likes to {animalAction}. | 早上它喜欢{animalAction}。
It is {furColour} all over. | 它全身都是{furColour}的。
Its eyes are {eyeColour}. | 它的眼睛是{eyeColour}的。
It likes to be near a {water}. | 它喜欢待在{water}附近。
It is afraid of the {wildAnimal}. | 它害怕{wildAnimal}。
It is bigger than a {insect}. | 它比{insect}大。
Children like it because it is {animalAdj}. | 因为它很{animalAdj}，孩子们都喜欢它。
When it is hungry, it looks for food. | 饿了，它就去找食物。
When it is tired, it sleeps under a {tree}. | 累了，它就睡在{tree}下面。
It has {count} little ones. | 它有{count}个孩子。
It does not like loud noises. | 它不喜欢很大的响声。
Every {season} it looks for a new home. | 每年{season}它都会找新家。
Nobody knows how old it is. | 谁也不知道它多大了。
It makes friends with a {animalAdj} {animal2}. | 它和一{animal2.m}{animalAdj}的{animal2}交了朋友。
It drinks from the {water}. | 它去{water}喝水。
I took a photo of it with my {device}. | 我用{device}给它拍了照。
We must protect such animals. | 我们要保护这样的动物。
It hears everything with its good ears. | 它耳朵很灵，什么都听得见。
It followed us for a while and then ran away. | 它跟着我们走了一会儿，然后跑开了。
`),
};

const food: Topic = {
  name: 'food',
  bind: ['dish'],
  openings: frames(`
Today we have {dish.s} for {meal}. | 今天{meal}我们吃{dish}。
My {relative} makes the best {dish.s}. | 我{relative}做的{dish}最好吃。
I love {dish.s}. | 我很爱吃{dish}。
There {dish.are} {dish.s} on the table. | 桌上有{dish}。
In {city} people like to eat {dish.s}. | {city}人喜欢吃{dish}。
{person} is making {dish.s} in the kitchen. | {person}正在厨房里做{dish}。
I want to learn how to make {dish.s}. | 我想学做{dish}。
You can buy {dish.s} at the {eatery}. | 在{eatery}可以买到{dish}。
`),
  sentences: frames(`
It smells {smell}. | 闻起来很{smell}。
It tastes {taste} and a little {taste2}. | 吃起来很{taste}，还有点{taste2}。
You need {vegetable.s} and some {ingredient}. | 需要准备{vegetable}和一些{ingredient}。
First wash the {vegetable.s}, then cut them small. | 先把{vegetable}洗干净，再切成小块。
Do not forget the {ingredient}. | 别忘了放{ingredient}。
We eat it with {vegetable.s}. | 我们配着{vegetable}吃。
I like to drink {drink} with it. | 我喜欢配{drink}。
With some {ingredient} it is even better. | 放点{ingredient}就更好吃了。
In winter it keeps you warm. | 冬天吃了浑身暖和。
Children love it because it is {kidsTaste}. | 因为很{kidsTaste}，孩子们都爱吃。
For dessert there is {dessert.a}. | 甜点是{dessert.a}。
Afterwards we eat {fruit.a}. | 饭后我们吃{fruit.a}。
Cook it for twenty minutes. | 煮二十分钟。
Eat it while it is hot. | 趁热吃。
I could eat it every day. | 我可以天天吃。
It is cheap and {taste}. | 又便宜又{taste}。
The secret is a little {ingredient}. | 秘诀是加一点{ingredient}。
Too much {ingredient} is not good. | {ingredient}放多了不好。
My {relative} always takes two helpings. | 我{relative}每次都要吃两份。
The whole {room} smells of it. | 整个{room}都是它的香味。
`),
};

const fruit: Topic = {
  name: 'food',
  bind: ['fruit'],
  openings: frames(`
{fruit.s} are my favourite fruit. | {fruit}是我最喜欢的水果。
I bought some {fruit.s} at the market. | 我在市场上买了一些{fruit}。
There is a basket of {fruit.s} in the {room}. | {room}里有一篮{fruit}。
Our garden is full of {fruit.s}. | 我们的花园里结满了{fruit}。
{person} eats a {fruit} every day. | {person}每天吃一{fruit.m}{fruit}。
`),
  sentences: frames(`
They are {fruitTaste} and {fruitTaste2}. | 又{fruitTaste}又{fruitTaste2}。
You can make jam from them. | 可以用来做果酱。
They are good for your health. | 对身体很好。
In {season} they are the cheapest. | {season}最便宜。
My {relative} makes {dessert.a} with them. | 我{relative}用它做{dessert}。
They taste better than {fruit2.s}. | 比{fruit2}好吃。
I put a few of them in my schoolbag. | 我放了几个在书包里。
The juice is {fruitTaste}. | 榨出的汁很{fruitTaste}。
Birds like them too. | 鸟儿也爱吃。
A {songbird} has eaten half of them. | 一只{songbird}吃掉了一半。
Wash them before you eat them. | 吃之前要洗一洗。
They come from the south. | 它们产自南方。
`),
};

const town: Topic = {
  name: 'places',
  bind: ['townPlace', 'city'],
  openings: frames(`
There is a {placeAdj} {townPlace} in our street. | 我们街上有一{townPlace.m}{placeAdj}的{townPlace}。
The {townPlace} in {city} is very {placeAdj}. | {city}的{townPlace}很{placeAdj}。
I often go to the {townPlace}. | 我常去{townPlace}。
{person} works at a {townPlace} in {city}. | {person}在{city}的一{townPlace.m}{townPlace}工作。
Behind the {townPlace2} there is a {townPlace}. | {townPlace2}后面有一{townPlace.m}{townPlace}。
This is the oldest {townPlace} in {city}. | 这是{city}最老的{townPlace}。
Yesterday we visited the {townPlace} of {city}. | 昨天我们参观了{city}的{townPlace}。
`),
  sentences: frames(`
It is {placeAdj} and {placeAdj2}. | 那里又{placeAdj}又{placeAdj2}。
On {weekday} it is full of people. | {weekday}那里人很多。
It opens at nine o'clock {dayPart}. | 那里{dayPart}九点开门。
In front of it stands a {tree}. | 门前有一{tree.m}{tree}。
The people there are {personAdj}. | 那里的人很{personAdj}。
You can go there by {vehicle}. | 可以坐{vehicle}去。
Next to it is a {placeAdj} {townPlace2}. | 旁边是一{townPlace2.m}{placeAdj}的{townPlace2}。
From there you can see the {naturePlace}. | 从那里可以看到{naturePlace}。
It was built {count} years ago. | 那里是{count}年前建的。
My {relative} goes there every week. | 我{relative}每周都去。
It is {momentAdj} {dayPart}. | {dayPart}那里很{momentAdj}。
Children play in front of it. | 孩子们在门前玩耍。
I met {person2} there. | 我在那里遇见了{person2}。
There you can drink {drink}. | 在那里可以喝{drink}。
A {personAdj} {job} told me its story. | 一位{personAdj}的{job}给我讲了它的故事。
The walls are {colour}. | 墙是{colour}的。
Tourists take photos of it. | 游客们给它拍照。
At night its lights are {colour}. | 夜里那里的灯光是{colour}的。
`),
};

const nature: Topic = {
  name: 'places',
  bind: ['naturePlace'],
  openings: frames(`
Near {city} there is a {natureAdj} {naturePlace}. | {city}附近有一{naturePlace.m}{natureAdj}的{naturePlace}。
We walked to the {naturePlace}. | 我们走到了{naturePlace}。
I grew up near a {naturePlace}. | 我在{naturePlace}边长大。
Last {season} we saw a {natureAdj} {naturePlace}. | 去年{season}我们看到了一{naturePlace.m}{natureAdj}的{naturePlace}。
In my dream I was at a {natureAdj} {naturePlace}. | 我梦见自己来到一{naturePlace.m}{natureAdj}的{naturePlace}。
`),
  sentences: frames(`
It is {natureAdj} and {natureAdj2}. | 那里又{natureAdj}又{natureAdj2}。
In {season} it is most beautiful. | {season}的时候最美。
{plant.s} grow everywhere. | 到处长着{plant}。
A {animalAdj} {wildAnimal} lives there. | 那里住着一{wildAnimal.m}{animalAdj}的{wildAnimal}。
You can hear the {songbird.s} sing. | 能听见{songbird}在叫。
The air is fresh. | 空气很清新。
Nobody lives there. | 那里没有人住。
We ate {fruit.s} and looked at the clouds. | 我们吃着{fruit}，看着云。
The sky above it is {colour} in the evening. | 傍晚那里的天空是{colour}的。
A small path leads to the {naturePlace2}. | 一条小路通向{naturePlace2}。
{insect.s} fly over the {plant.s}. | {insect}在{plant}上飞。
We stayed until it was dark. | 我们一直待到天黑。
My {relative} wants to go back there. | 我{relative}还想再去。
Many people come there in {month}. | {month}有很多人去那里。
At night you can see a thousand stars. | 夜里能看到满天的星星。
{person} painted it in {colour}. | {person}用{colour}画下了它。
`),
};

const weather: Topic = {
  name: 'weather',
  bind: ['season', 'city'],
  openings: frames(`
It is {weatherEvent}. | 外面在{weatherEvent}。
It is {weatherAdj} today. | 今天天气很{weatherAdj}。
It was a {dayKind}. | 那是一个{dayKind}。
{skySight}. | {skySight}。
In {city} it is {weatherAdj} in {season}. | {city}的{season}很{weatherAdj}。
{season} is here. | {season}来了。
The weather in {city} is {weatherAdj} now. | {city}现在天气很{weatherAdj}。
The weather report says: {temperature} in {city}. | 天气预报说，{city}今天{temperature}。
`),
  sentences: frames(`
{skySight}. | {skySight}。
It is {temperature}. | 气温{temperature}。
You had better {weatherAdvice}. | 你最好{weatherAdvice}。
Please {weatherAdvice}! | 请{weatherAdvice}！
Tomorrow it will be {weatherAdj}. | 明天会很{weatherAdj}。
It has been {weatherEvent} since {weekday}. | 从{weekday}起一直在{weatherEvent}。
I like this kind of weather. | 我喜欢这样的天气。
I do not like {weatherAdj} weather. | 我不喜欢{weatherAdj}的天气。
The {animal.s} stay under the roof. | {animal}都躲在屋檐下。
The children put on their {worn.s}. | 孩子们穿上了{worn}。
Nobody is in the {townPlace}. | {townPlace}里一个人也没有。
It will clear up soon. | 天很快就会放晴。
In {month} it is often like this. | {month}常常是这样。
{dayPart} it gets {weatherAdj}. | {dayPart}天气会变得很{weatherAdj}。
People sit in the {townPlace} and drink {drink}. | 人们坐在{townPlace}里喝{drink}。
On such a day I like to stay in the {room}. | 这样的日子，我喜欢待在{room}里。
The {plant.s} need this weather. | {plant}需要这样的天气。
Let us {plan} when it is fine. | 天晴了我们就{plan}吧。
I forgot my {clothing} at home. | 我把{clothing}忘在家里了。
The {vehicle} is late because of the weather. | 因为天气，{vehicle}晚点了。
`),
};

const person: Topic = {
  name: 'people',
  bind: ['person', 'job'],
  openings: frames(`
{person} is a {personAdj} {job}. | {person}是一位{personAdj}的{job}。
{person} is my {relative}'s friend. | {person}是我{relative}的朋友。
My neighbour {person} is a {job}. | 我的邻居{person}是一位{job}。
Do you know {person}, the {job}? | 你认识{job}{person}吗？
{person} comes from {city}. | {person}来自{city}。
{person} wants to become a {job}. | {person}想当一位{job}。
Everyone likes {person}. | 大家都喜欢{person}。
I met {person} at the {townPlace}. | 我在{townPlace}认识了{person}。
`),
  sentences: frames(`
{person.he} is {personAdj} and {personAdj2}. | {person.he}又{personAdj}又{personAdj2}。
{person.he} likes {hobby} and {hobby2}. | {person.he}喜欢{hobby}和{hobby2}。
{person.he} has a {animalAdj} {pet}. | {person.he}有一{pet.m}{animalAdj}的{pet}。
{person.he} always wears a {colour} {worn}. | {person.he}总是穿着一{worn.m}{colour}的{worn}。
{person.he} gets up early every day. | {person.he}每天都早起。
In {person.his} free time {person.he} likes {hobby}. | 空闲时{person.he}喜欢{hobby}。
{person.he} lives near the {townPlace}. | {person.he}住在{townPlace}附近。
{person.his} {relative} is a {job2}. | {person.he}的{relative}是一位{job2}。
{person.his} favourite food is {dish}. | {person.he}最爱吃的是{dish}。
{person.he} plays the {instrument} in the evening. | 晚上{person.he}会演奏{instrument}。
{person.he} goes to work by {vehicle}. | {person.he}坐{vehicle}上班。
Today {person.he} is {feeling}. | 今天{person.he}很{feeling}。
{person.he} often helps other people. | {person.he}经常帮助别人。
{person.he} never forgets a birthday. | {person.he}从不忘记别人的生日。
{person.he} is good at {subject}. | {person.he}的{subject}学得很好。
{person.he} keeps {count} {pet.s}. | {person.he}养了{count}{pet.m}{pet}。
{person.he} speaks quietly and laughs loudly. | {person.he}说话轻，笑声大。
I learned a lot from {person.him}. | 我从{person.he}那里学到了很多。
{person.he} and {person2} are good friends. | {person.he}和{person2}是好朋友。
When {person.he} is {feeling}, {person.he} drinks {drink}. | {feeling}的时候，{person.he}就喝{drink}。
`),
};

const thing: Topic = {
  name: 'things',
  bind: ['thing'],
  openings: frames(`
I have a {thingAdj} {thing}. | 我有一{thing.m}{thingAdj}的{thing}。
There is a {colour} {thing} on the {furniture}. | {furniture}上有一{thing.m}{colour}的{thing}。
My {relative} gave me a {thing}. | 我{relative}送给我一{thing.m}{thing}。
This {thing} is {thingAdj}. | 这{thing.m}{thing}很{thingAdj}。
{person} bought a {thingAdj} {thing}. | {person}买了一{thing.m}{thingAdj}的{thing}。
Whose {thing} is this? | 这是谁的{thing}？
I lost my {colour} {thing}. | 我丢了{colour}的{thing}。
`),
  sentences: frames(`
It is {thingAdj} and {thingAdj2}. | 它又{thingAdj}又{thingAdj2}。
It is made of {materialName}. | 它是用{materialName}做的。
It is {colour}, and I like the colour. | 它是{colour}的，我喜欢这个颜色。
I keep it in the {room}. | 我把它放在{room}里。
I bought it at the {shop}. | 我是在{shop}买的。
I use it every {weekday}. | 每个{weekday}我都用它。
It lies under the {furniture} now. | 现在它在{furniture}下面。
It is lighter than a {furniture}. | 它比{furniture}轻。
It cost only {count} yuan. | 它只花了{count}块钱。
My {relative} wants one too. | 我{relative}也想要一{thing.m}。
It is a present from {person2}. | 这是{person2}送的礼物。
Please do not break it. | 请别把它弄坏。
I cannot find it anywhere. | 我到处都找不到它。
It is as old as my {relative}. | 它和我{relative}一样老。
I always take it with me. | 我总是带着它。
`),
};

export const topics = [animal, food, fruit, town, nature, weather, person, thing];

export const description: Genre = {
  name: 'description',
  weight: 20,
  frames: topics.flatMap(({ openings, sentences }) => [openings, sentences]),
  write(writer, language) {
    const topic = writer.random.pick(topics);
    for (const slot of topic.bind) writer.bind(slot, slot);
    const used = new Set<Frame>();
    const count = 2 + writer.random.below(4);
    const sentences = [
      writer.say(topic.openings),
      ...Array.from({ length: count }, () => writer.say(topic.sentences, used)),
    ];
    return join(sentences)[language];
  },
};
