/**
 * @file Small stories: a plot is a sequence of steps, each told in one of several ways, with the same people
 *   throughout. Also summaries.
 */
import { type Frame, frames, join, type Pair, type Writer } from '../engine/frames.js';
import type { Genre } from './genre.js';

interface Plot {
  /** Slots of the people and things in it, with the table each comes from. */
  readonly cast: Readonly<Record<string, string>>;
  readonly steps: readonly (readonly Frame[])[];
  /** The story in one line. */
  readonly summaries: readonly Frame[];
}

const beginnings = `
One day {hero} went to the {townPlace}. | 一天，{hero}去了{townPlace}。
On {weekday} {hero} was in the {townPlace}. | {weekday}，{hero}在{townPlace}里。
It was a {dayKind}, and {hero} walked to the {townPlace}. | 那是一个{dayKind}，{hero}走路去{townPlace}。
Last {season} {hero} came to the {townPlace} with {hero.his} {relative}. | 去年{season}，{hero}和{relative}来到{townPlace}。
`;

const lost: Plot = {
  cast: { hero: 'person', friend: 'person', thing: 'portable', townPlace: 'townPlace', colour: 'colour' },
  steps: [
    frames(beginnings),
    frames(`
On the way {hero.he} lost {hero.his} {colour} {thing}. | 路上{hero.he}丢了{colour}的{thing}。
There {hero.he} found that {hero.his} {colour} {thing} was gone. | 在那里{hero.he}发现自己{colour}的{thing}不见了。
When {hero.he} came home, the {colour} {thing} was not in the bag. | 回到家，{colour}的{thing}不在包里了。
Suddenly {hero.he} could not find the {colour} {thing}. | 突然，{hero.he}找不到那{thing.m}{colour}的{thing}了。
`),
    frames(`
{hero} was very {sadFeeling}. | {hero}很{sadFeeling}。
{hero.he} looked everywhere, but it was not there. | {hero.he}到处找，可是都没有。
{hero.he} asked the {job}, but the {job} had not seen it. | {hero.he}问了{job}，可是{job}没看见。
{hero.he} looked under the {furniture} and behind the {furniture2}. | {hero.he}看了{furniture}下面，又看了{furniture2}后面。
`),
    frames(`
Then {friend} came and helped {hero.him}. | 这时{friend}来帮{hero.he}了。
{friend} said, "Don't worry, let us look together." | {friend}说：“别担心，我们一起找。”
{hero.he} called {friend}, and {friend} came at once. | {hero.he}打电话给{friend}，{friend}马上就来了。
`),
    frames(`
At last they found it under a {tree}. | 最后他们在一{tree.m}{tree}下面找到了它。
{friend} found it next to the {furniture}. | {friend}在{furniture}旁边找到了它。
An hour later {friend} saw it behind the {vehicle}. | 一小时后，{friend}在{vehicle}后面看见了它。
A {animalAdj} {pet} had carried it away, and they got it back. | 原来是一{pet.m}{animalAdj}的{pet}叼走了它，他们把它拿了回来。
`),
    frames(`
{hero} was {gladFeeling} and thanked {friend}. | {hero}很{gladFeeling}，向{friend}道了谢。
{hero} gave {friend} {dessert.a} to say thank you. | {hero}送给{friend}{dessert.a}表示感谢。
Since then {hero} has been more careful. | 从那以后，{hero}更小心了。
"You are a real friend," said {hero}. | “你真是好朋友。”{hero}说。
`),
  ],
  summaries: frames(`
{friend} helps {hero} find the lost {thing}. | {friend}帮{hero}找回了丢失的{thing}。
{hero} loses a {thing} and finds it again with {friend}. | {hero}丢了{thing}，和{friend}一起找了回来。
A lost {thing} is found again. | 丢失的{thing}找到了。
{hero}'s {colour} {thing} was lost, but {friend} helped. | {hero}{colour}的{thing}丢了，{friend}帮了忙。
`),
};

const rescued: Plot = {
  cast: { hero: 'person', pet: 'pet', naturePlace: 'naturePlace', relative: 'relative' },
  steps: [
    frames(`
One {season} day {hero} walked through the {naturePlace}. | {season}的一天，{hero}走过{naturePlace}。
It was a {dayKind}. {hero} was alone at the {naturePlace}. | 那是一个{dayKind}，{hero}一个人在{naturePlace}。
{hero} and {hero.his} {relative} were on the way to the {naturePlace}. | {hero}和{relative}正往{naturePlace}走。
After school {hero} went to the {naturePlace}. | 放学后，{hero}去了{naturePlace}。
`),
    frames(`
There {hero.he} saw a {animalAdj} {pet} that was hurt. | {hero.he}看见一{pet.m}{animalAdj}的{pet}受伤了。
Suddenly {hero.he} heard a {pet}. It was {sadFeeling}. | 忽然{hero.he}听见一{pet.m}{pet}在叫，它很{sadFeeling}。
Under a {tree} lay a small {pet}. | 一{tree.m}{tree}下面躺着一{pet.m}小{pet}。
A {pet} had fallen into the water. | 一{pet.m}{pet}掉进了水里。
`),
    frames(`
{hero} put it into {hero.his} {worn} and took it home. | {hero}用{worn}裹着它，把它带回了家。
{hero.he} carried it home and gave it some water. | {hero.he}把它抱回家，给它喝了点水。
{hero} ran to the vet with it. | {hero}抱着它跑去找兽医。
{hero.he} made a bed for it in the {room}. | {hero.he}在{room}里给它做了一个窝。
`),
    frames(`
{hero.his} {relative} said, "It may stay with us." | {hero.he}的{relative}说：“它可以留下来。”
{hero.he} gave it {animalFood.s} every day. | {hero.he}每天给它吃{animalFood}。
For a week {hero.he} looked after it day and night. | 整整一个星期，{hero.he}日夜照顾它。
{hero.his} {relative} was afraid of it at first. | 一开始{hero.he}的{relative}有点怕它。
`),
    frames(`
Soon the {pet} was well again. | 很快{pet}就好了。
After some days it could run and jump again. | 几天后，它又能跑能跳了。
In {month} it was strong and {animalAdj}. | 到了{month}，它变得又强壮又{animalAdj}。
`),
    frames(`
Now {hero} and the {pet} are best friends. | 现在{hero}和{pet}是最好的朋友。
The {pet} never left {hero} again. | {pet}再也没有离开过{hero}。
{hero} called it {catName}. | {hero}给它取名叫{catName}。
Every morning the {pet} wakes {hero} up. | 每天早上，{pet}都会叫醒{hero}。
`),
  ],
  summaries: frames(`
{hero} saves a {pet} and keeps it. | {hero}救了一{pet.m}{pet}，把它养了下来。
{hero} and a {pet} become friends. | {hero}和一{pet.m}{pet}成了朋友。
A hurt {pet} finds a home with {hero}. | 一{pet.m}受伤的{pet}在{hero}那里有了家。
At the {naturePlace} {hero} finds a {pet}. | {hero}在{naturePlace}捡到一{pet.m}{pet}。
`),
};

const lesson: Plot = {
  cast: { hero: 'person', friend: 'elder', hobby: 'hobby' },
  steps: [
    frames(`
{hero} wanted to be good at {hobby}. | {hero}很想学好{hobby}。
{hero} had never tried {hobby}. | {hero}从来没试过{hobby}。
For {hero.his} birthday {hero} wished for only one thing: lessons in {hobby}. | 生日那天，{hero}只有一个愿望：学{hobby}。
When {hero} was eight, {hero.he} saw people {hobby} for the first time. | {hero}八岁那年，第一次看到别人{hobby}。
`),
    frames(`
At first it was very hard. | 一开始非常难。
The first time everything went wrong. | 第一次全都弄错了。
{hero.his} classmates laughed at {hero.him}. | 同学们都笑话{hero.he}。
{hero.he} was {sadFeeling} and wanted to give up. | {hero.he}很{sadFeeling}，想要放弃。
`),
    frames(`
{hero.his} {friend} said, "Nobody is born a master." | {hero.he}的{friend}说：“没有人生来就会。”
"Try once more," said {hero.his} {friend}. | “再试一次吧。”{hero.he}的{friend}说。
{hero.his} {friend} bought {hero.him} a {stationery} about it. | {hero.he}的{friend}为此给{hero.he}买了一{stationery.m}{stationery}。
`),
    frames(`
So {hero.he} practised every day in the {room}. | 于是{hero.he}每天在{room}里练习。
{hero.he} practised {habitTime}, even when it was very cold. | {hero.he}{habitTime}都练，天再冷也不停。
{hero.he} got up at six o'clock and practised for an hour. | {hero.he}六点起床，练一个小时。
`),
    frames(`
A year later {hero.he} won a prize. | 一年后，{hero.he}得了奖。
In {month} {hero.he} was the best in the class. | 到了{month}，{hero.he}已经是班里最好的了。
Now {hero.he} teaches {hobby} to others. | 现在{hero.he}教别人{hobby}了。
In the end everyone clapped for {hero.him}. | 最后大家都为{hero.he}鼓掌。
`),
  ],
  summaries: frames(`
{hero} practises hard and becomes good at {hobby}. | {hero}努力练习，学会了{hobby}。
With the help of {hero.his} {friend}, {hero} learns {hobby}. | 在{friend}的帮助下，{hero}学会了{hobby}。
{hero} does not give up. | {hero}没有放弃。
`),
};

const gift: Plot = {
  cast: { hero: 'person', friend: 'relative', craft: 'craft', shop: 'shop' },
  steps: [
    frames(`
Tomorrow was the birthday of {hero}'s {friend}. | 明天就是{hero}的{friend}的生日了。
{hero} wanted to give {hero.his} {friend} something special. | {hero}想送给{friend}一件特别的礼物。
{hero} thought for a long time about a present for {hero.his} {friend}. | 送{friend}什么礼物好呢？{hero}想了很久。
`),
    frames(`
{hero.he} went to the {shop} with {count} yuan in the pocket. | {hero.he}口袋里装着{count}块钱，去了{shop}。
In the {shop} {hero.he} saw a {thingAdj} {craft}. | 在{shop}，{hero.he}看到一{craft.m}{thingAdj}的{craft}。
A {colour} {craft} in the {shop} was just right. | {shop}里有一{craft.m}{colour}的{craft}，正合适。
`),
    frames(`
But it was too expensive. | 可是太贵了。
But {hero.he} did not have enough money. | 可是{hero.he}的钱不够。
"I am sorry, it is sold," said the {job}. | “对不起，已经卖掉了。”{job}说。
`),
    frames(`
So {hero.he} decided to make one {hero.he} could be proud of. | 于是{hero.he}决定自己动手做一{craft.m}。
{hero.he} went home and made a {craft} of {craftMaterial}. | {hero.he}回家用{craftMaterial}做了一{craft.m}{craft}。
All night {hero.he} worked on a {colour} {craft}. | {hero.he}做了一整夜，做出一{craft.m}{colour}的{craft}。
`),
    frames(`
When {hero.his} {friend} saw the {craft}, everyone was {gladFeeling}. | {friend}看到{craft}，大家都很{gladFeeling}。
"This is the best present of my life," said {hero.his} {friend}. | “这是我一生中最好的礼物。”{friend}说。
{hero.his} {friend} still keeps the {craft} today. | 直到今天，{friend}还留着那{craft.m}{craft}。
They ate {dessert.s} together and were {gladFeeling}. | 他们一起吃{dessert}，都很{gladFeeling}。
`),
  ],
  summaries: frames(`
{hero} makes a {craft} for {hero.his} {friend}. | {hero}亲手给{friend}做了一{craft.m}{craft}。
A {craft} made by {hero} is the best present. | {hero}做的{craft}是最好的礼物。
{hero} gives {hero.his} {friend} a {craft}. | {hero}送给{friend}一{craft.m}{craft}。
`),
};

const fable: Plot = {
  cast: { animal: 'wildAnimal', animal2: 'bird', food: 'fruit' },
  steps: [
    frames(`
Once upon a time a {animal} lived in the {wildHome}. | 从前，{wildHome}里住着一{animal.m}{animal}。
Long ago there was a {animalAdj} {animal}. | 很久以前，有一{animal.m}{animalAdj}的{animal}。
A {animal} and a {animal2} were neighbours. | 一{animal.m}{animal}和一{animal2.m}{animal2}是邻居。
`),
    frames(`
It was {animalAdj2}, but it had no friends. | 它很{animalAdj2}，可是没有朋友。
One morning the {animal} was very hungry. | 一天早上，{animal}饿极了。
One night there was a great storm. | 一天夜里来了一场大风暴。
`),
    frames(`
The {animal} found a {fruitTaste} {food}. | {animal}找到一{food.m}{fruitTaste}的{food}。
The {animal} saw a {food} high up in a tree. | {animal}看见高高的树上有一{food.m}{food}。
The last {food} of the year fell from the tree. | 这一年最后一{food.m}{food}从树上掉了下来。
`),
    frames(`
A {animal2} came and said, "Will you share it with me?" | 一{animal2.m}{animal2}飞来说：“可以分我一点吗？”
Then the {animal2} asked, "May I have half of it?" | 这时{animal2}问：“可以给我一半吗？”
The {animal2} was hungry too and looked at the {food}. | {animal2}也饿了，望着{food}。
`),
    frames(`
The {animal} thought for a while and said, "Of course." | {animal}想了一会儿，说：“当然可以。”
"If we share, we are both happy," said the {animal}. | “分着吃，我们俩都高兴。”{animal}说。
At first the {animal} said no, but then it was ashamed. | 一开始{animal}不肯，后来觉得很惭愧。
`),
    frames(`
They ate the {food} together and became friends. | 它们一起吃了{food}，成了朋友。
From that day on, the {animal2} helped the {animal} every day. | 从那天起，{animal2}每天都帮助{animal}。
So the {animal} learned that sharing is better than having. | 就这样，{animal}明白了：分享比独占更好。
`),
  ],
  summaries: frames(`
A {animal} shares a {food} with a {animal2}. | 一{animal.m}{animal}和一{animal2.m}{animal2}分享了一{food.m}{food}。
The {animal} and the {animal2} become friends. | {animal}和{animal2}成了朋友。
A story about sharing. | 一个关于分享的故事。
`),
};

const trip: Plot = {
  cast: { hero: 'person', friend: 'person', city: 'city', vehicle: 'ride', naturePlace: 'naturePlace' },
  steps: [
    frames(`
{hero} and {friend} went to {city} by {vehicle}. | {hero}和{friend}坐{vehicle}去{city}。
In {month} {hero} and {friend} made a trip to {city}. | {month}，{hero}和{friend}去{city}旅行。
"Let us go to {city}," said {hero} to {friend}. | “我们去{city}吧。”{hero}对{friend}说。
`),
    frames(`
The weather was {weatherAdj}. | 天气很{weatherAdj}。
On the way they saw a {naturePlace} and many {animal.s}. | 路上他们看到了{naturePlace}，还有许多{animal}。
They sang songs in the {vehicle}. | 他们在{vehicle}上唱歌。
`),
    frames(`
First they visited the {townSight}. | 他们先参观了{townSight}。
In the {townPlace} they ate {dish.s}. | 他们在{townPlace}吃了{dish}。
{friend} bought {thing.a} as a present. | {friend}买了{thing.a}当礼物。
{hero} took a hundred photos of the {townPlace}. | {hero}给{townPlace}拍了一百张照片。
`),
    frames(`
Suddenly it began to rain, and they ran into a {townPlace}. | 突然下起雨来，他们跑进了一{townPlace.m}{townPlace}。
Then they lost their way. | 后来他们迷路了。
In the evening {hero} was very {feeling}. | 晚上{hero}很{feeling}。
`),
    frames(`
A {personAdj} {job} helped them. | 一位{personAdj}的{job}帮助了他们。
A {personKind} gave them {drink.a}. | 一{personKind.m}{personKind}给了他们{drink.a}。
They laughed about it and drank {drink}. | 他们笑着喝起了{drink}。
`),
    frames(`
They will never forget this trip. | 他们永远不会忘记这次旅行。
Next year they want to go there again. | 明年他们还想再去。
At home they told everyone about {city}. | 回家后，他们给大家讲{city}的事。
`),
  ],
  summaries: frames(`
{hero} and {friend} travel to {city}. | {hero}和{friend}去{city}旅行。
A trip to {city} that {hero} and {friend} will not forget. | {hero}和{friend}难忘的{city}之旅。
{hero} and {friend} visit {city} by {vehicle}. | {hero}和{friend}坐{vehicle}去了{city}。
`),
};

const plots = [lost, rescued, lesson, gift, fable, trip];

function tell(writer: Writer): { sentences: Pair[]; plot: Plot } {
  const plot = writer.random.pick(plots);
  for (const [slot, table] of Object.entries(plot.cast)) writer.bind(slot, table);
  return { sentences: plot.steps.map((step) => writer.say(step)), plot };
}

const storyFrames = plots.flatMap(({ steps }) => steps);

export const story: Genre = {
  name: 'story',
  weight: 10,
  frames: storyFrames,
  write: (writer, language) => join(tell(writer).sentences)[language],
};

const summaryForms = {
  en: [
    (text: string, line: string) => `${text}\nSummary: ${line}`,
    (text: string, line: string) => `${text}\nIn short: ${line}`,
    (text: string, line: string) => `${text} TL;DR: ${line}`,
    (text: string, line: string) => `Text: ${text}\nMain idea: ${line}`,
    (text: string, line: string) => `${line}\n${text}`,
    (text: string, line: string) => `${text}\n${line}`,
  ],
  zh: [
    (text: string, line: string) => `${text}\n总结：${line}`,
    (text: string, line: string) => `${text}\n一句话：${line}`,
    (text: string, line: string) => `${text}总之，${line}`,
    (text: string, line: string) => `原文：${text}\n大意：${line}`,
    (text: string, line: string) => `${line}\n${text}`,
    (text: string, line: string) => `${text}\n${line}`,
  ],
};

export const summary: Genre = {
  name: 'summary',
  weight: 5,
  frames: plots.map(({ summaries }) => summaries),
  write(writer, language) {
    const { sentences, plot } = tell(writer);
    const line = writer.say(plot.summaries);
    return writer.random.pick(summaryForms[language])(join(sentences)[language], line[language]);
  },
};
