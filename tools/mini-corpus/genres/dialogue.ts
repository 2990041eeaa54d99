/** @file Dialogues: what two people say to each other, an exchange after another. */
import { type Frame, followUps, frames, type Pair, type Writer } from '../engine/frames.js';
import type { Genre } from './genre.js';

/** What one says and what the other answers: lines in pairs. */
function exchanges(text: string): readonly (readonly [Frame, Frame])[] {
  const answers = followUps(text);
  return frames(text).flatMap((line, i) => (i % 2 === 0 ? [[line, answers[i + 1]!] as const] : []));
}

const greetings = exchanges(`
Good morning! | 早上好！
Good morning! It is {weatherAdj} today. | 早上好！今天很{weatherAdj}。
Hello, {b}. | 你好，{b}。
Hello, {a}. Nice to see you. | 你好，{a}。见到你真高兴。
Hi, {b}! Long time no see. | 嗨，{b}！好久不见。
Yes, {a}, it has been {count} weeks. | 是啊，{a}，有{count}个星期了。
Excuse me, is this seat taken? | 请问，这个座位有人吗？
No, please sit down. | 没有，请坐。
Good evening. Can I help you? | 晚上好。需要帮忙吗？
Yes, please. I have a question. | 好的，我有个问题。
Hey, {b}, do you have a minute? | {b}，你有空吗？
Of course, {a}. | 当然有，{a}。
`);

const middles = exchanges(`
How are you today? | 你今天怎么样？
I am a little {feeling}. | 我有点{feeling}。
What did you do {pastTime}? | 你{pastTime}做什么了？
I went to the {townPlace} with {person}. | 我和{person}去了{townPlace}。
What are you doing {futureTime}? | 你{futureTime}要做什么？
I am going to {plan}. Do you want to come? | 我要{plan}。你想一起来吗？
Shall we {plan} {futureTime}? | 我们{futureTime}{plan}好吗？
That is a good idea! | 好主意！
Can you {plan} with me {futureTime}? | 你{futureTime}能和我{plan}吗？
Sorry, I am too busy. | 对不起，我太忙了。
Where is the {townPlace}, please? | 请问{townPlace}在哪里？
It is next to the {townPlace2}. | 在{townPlace2}旁边。
How do I get to the {townPlace}? | 去{townPlace}怎么走？
Go straight on and turn left at the {townPlace2}. | 一直走，到{townPlace2}左转。
What would you like to drink? | 您想喝点什么？
A cup of {hotDrink}, please. | 请来一杯{hotDrink}。
What would you like to eat? | 您想吃什么？
I would like {dish.a}, please. | 我想要{dish.a}。
How much is this {thing}? | 这{thing.m}{thing}多少钱？
It is {count} yuan. | {count}块钱。
Do you have this {clothing} in {colour}? | 这{clothing.m}{clothing}有{colour}的吗？
No, but we have it in {colour2}. | 没有，不过有{colour2}的。
What is the weather like? | 天气怎么样？
It is {weatherAdj}, and I think it will get {weatherAdj2}. | 很{weatherAdj}，我看还会变得{weatherAdj2}。
Do you like {hobby}? | 你喜欢{hobby}吗？
Yes, but I like {hobby2} even more. | 喜欢，不过我更喜欢{hobby2}。
What is your favourite animal? | 你最喜欢什么动物？
I like {animal.s}, because they are {animalAdj}. | 我喜欢{animal}，因为它们很{animalAdj}。
Have you seen my {thing}? | 你看见我的{thing}了吗？
Yes, it is on the {furniture}. | 看见了，在{furniture}上。
Whose {colour} {thing} is this? | 这{thing.m}{colour}的{thing}是谁的？
It is {person}'s. | 是{person}的。
What does your {relative} do? | 你{relative}是做什么的？
My {relative} is a {job}. | 我{relative}是一位{job}。
Who is that {personAdj} {personKind}? | 那个{personAdj}的{personKind}是谁？
That is our new {job}. | 那是我们新来的{job}。
May I use your {device}? | 我可以用你的{device}吗？
Of course, here you are. | 当然可以，给你。
My {device} is broken. What shall I do? | 我的{device}坏了，怎么办？
Ask {person}. {person.he} can repair it. | 去问{person}吧，{person.he}会修。
Do you want some {fruit.s}? | 你要吃{fruit}吗？
No, thank you. I am full. | 不用了，谢谢。我饱了。
What time does the {vehicle} leave? | {vehicle}几点开？
It leaves at {count} o'clock. | {count}点开。
Why are you so {feeling}? | 你为什么这么{feeling}？
Because I lost my {thing}. | 因为我丢了{thing}。
Are you {feeling}? | 你{feeling}吗？
No, I am just {feeling2}. | 不，我只是有点{feeling2}。
How was your holiday in {city}? | 你在{city}的假期过得怎么样？
It was great! I saw a {natureAdj} {naturePlace}. | 好极了！我看到了一{naturePlace.m}{natureAdj}的{naturePlace}。
Which subject do you like best? | 你最喜欢哪门课？
I like {subject}, but {subject2} is hard for me. | 我喜欢{subject}，可是{subject2}对我来说很难。
What is in your bag? | 你包里有什么？
A {thing}, a {fruit} and a {colour} {clothing}. | 一{thing.m}{thing}、一{fruit.m}{fruit}和一{clothing.m}{colour}的{clothing}。
Is there a {townPlace} near here? | 这附近有{townPlace}吗？
Yes, it is about {count} minutes on foot. | 有，走路大约{count}分钟。
Did you hear that {person} has a new {pet}? | 你听说{person}养了一{pet.m}新的{pet}吗？
Yes, it is very {animalAdj}. | 听说了，它很{animalAdj}。
My {bodyPart} hurts. | 我的{bodyPart}疼。
You should see a doctor. | 你应该去看医生。
Could you help me carry this {furniture}? | 你能帮我搬这{furniture.m}{furniture}吗？
No problem. Where shall I put it? | 没问题。放在哪里？
What shall we cook for {meal}? | {meal}做什么吃？
Let us make {dish.s} with {vegetable.s}. | 我们做{dish}，配{vegetable}吧。
When is your birthday? | 你的生日是什么时候？
It is in {month}. I want a {thing}. | 在{month}。我想要一{thing.m}{thing}。
Can you play the {instrument}? | 你会{instrument}吗？
A little. I practise every {weekday}. | 会一点。我每个{weekday}都练习。
Happy birthday! This is for you. | 生日快乐！这是给你的。
Thank you! A {colour} {thing}! | 谢谢！一{thing.m}{colour}的{thing}！
`);

const farewells = exchanges(`
See you {futureTime}! | {futureTime}见！
See you! | 再见！
Thank you very much. | 非常感谢。
You are welcome. | 不客气。
I have to go now. | 我得走了。
Take care! | 多保重！
Good night. | 晚安。
Sleep well! | 做个好梦！
Sorry, I am late. | 对不起，我要迟到了。
Never mind, hurry up! | 没关系，快去吧！
Say hello to your {relative}. | 代我向你{relative}问好。
I will. Goodbye! | 我会的。再见！
`);

function writeExchange(writer: Writer, choices: readonly (readonly [Frame, Frame])[]): [Pair, Pair] {
  const openFirst = writer.pickFrame(choices.map(([first]) => first));
  const [first, second] = choices.find(([line]) => line === openFirst)!;
  // The answer takes up the words of the question.
  for (const slot of first.slots) if (!['a', 'b'].includes(slot)) writer.bind(slot, slot);
  return [writer.fill(first), writer.fill(second)];
}

export const dialogue: Genre = {
  name: 'dialogue',
  weight: 9,
  frames: [greetings, middles, farewells].map((lists) => lists.flat()),
  write(writer, language) {
    const { random } = writer;
    const [a, b] = [writer.bind('a', 'person'), writer.bind('b', 'person')];
    const used = new Set<Frame>();
    const lines: Pair[] = [];
    if (random.oneIn(2)) lines.push(...writeExchange(writer, greetings));
    for (let i = 1 + random.below(3); i > 0; i--) {
      const open = middles.filter(([first]) => !used.has(first));
      const chosen = open.length > 0 ? random.sample(open, 12) : middles;
      lines.push(...writeExchange(writer, chosen));
      for (const [first] of chosen) used.add(first);
    }
    if (random.oneIn(3)) lines.push(...writeExchange(writer, farewells));
    const speaker = random.pick<(line: string, i: number) => string>(
      language === 'en'
        ? [
            (line, i) => `${i % 2 === 0 ? a.en : b.en}: ${line}`,
            (line, i) => `${i % 2 === 0 ? 'A' : 'B'}: ${line}`,
            (line) => `- ${line}`,
            (line) => `"${line}"`,
          ]
        : [
            (line, i) => `${i % 2 === 0 ? a.zh : b.zh}：${line}`,
            (line, i) => `${i % 2 === 0 ? '甲' : '乙'}：${line}`,
            (line) => `——${line}`,
            (line) => `“${line}”`,
          ],
    );
    return lines.map((line, i) => speaker(line[language], i)).join('\n');
  },
};
