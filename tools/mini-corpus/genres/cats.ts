/** @file Descriptions of cats: the richest topic, since the model's first demo continues them. */
import { type Frame, frames, join, type Pair, type Writer } from '../engine/frames.js';
import type { Genre } from './genre.js';

/** How a description begins: a phrase that the rest hangs on. */
const catBeginnings = frames(`
a {catAdj} {cat} | 一只{catAdj}的{cat}，
a {catAdj} {furColour} {cat} | 一只{catAdj}的{furColour}{cat}，
a {catAdj} {cat} with {eyeColour} eyes | 一只{catAdj}的{cat}，长着{eyeColour}的眼睛，
a {catAdj} and {catAdj2} {cat} | 一只{catAdj}又{catAdj2}的{cat}，
a {catAdj} {colouredCat} | 一只{catAdj}的{colouredCat}，
a {colouredCat}, {catAdj} and {catAdj2} | 一只{colouredCat}，{catAdj}又{catAdj2}，
a {cat}, {catAdj} and {catAdj2} | 一只{cat}，{catAdj}又{catAdj2}，
my {catAdj} {cat} | 我那只{catAdj}的{cat}，
our neighbour's {catAdj} {cat} | 邻居家那只{catAdj}的{cat}，
{person}'s {catAdj} {cat} | {person}家那只{catAdj}的{cat}，
a {cat} from the {townPlace}, {catAdj} and small | {townPlace}的一只小{cat}，很{catAdj}，
a {furColour} {cat}, very {catAdj} | 一只{furColour}的{cat}，很{catAdj}，
the {catAdj} little {cat} of my {relative} | 我{relative}家那只{catAdj}的小{cat}，
two {catAdj} cats | 两只{catAdj}的猫，
`);

/** What stands between the beginning and the verb. */
export const catMiddles = frames(`
with {furAdj} fur, | 毛很{furAdj}，
all fluffy, | 毛茸茸的，
with a {furAdj} coat, | 一身{furAdj}的毛，
round like a ball, | 圆得像个球，
soft as a cloud, | 软得像一朵云，
with white paws, | 爪子是白色的，
with a long tail, | 拖着长长的尾巴，
with big eyes, | 睁着大大的眼睛，
with a pink nose, | 有个粉色的小鼻子，
as light as a feather, | 轻得像一根羽毛，
full of curiosity, | 对什么都好奇，
always hungry, | 总是吃不饱，
only three months old, | 才三个月大，
already ten years old, | 已经十岁了，
with a little bell round the neck, | 脖子上挂着小铃铛，
with whiskers like silver threads, | 胡须像银丝，
with ears that never rest, | 耳朵动个不停，
quiet as a shadow, | 安静得像影子，
`);

/** How it ends. */
export const catEndings = frames(`
likes to {catAction}. | 喜欢{catAction}。
likes to {catAction} and to {catAction2}. | 喜欢{catAction}，也喜欢{catAction2}。
likes to {catAction} {catPlace}. | 喜欢在{catPlace}{catAction}。
loves to lie {catPlace}. | 最爱趴在{catPlace}。
is sleeping {catPlace}. | 正在{catPlace}睡觉。
sits {catPlace} and looks at me. | 坐在{catPlace}看着我。
plays with a {catToy} all day. | 整天玩一{catToy.m}{catToy}。
waits for me {catPlace} every evening. | 每天傍晚在{catPlace}等我回家。
is afraid of the {device}. | 害怕{device}。
wants to {catAction} again. | 又想{catAction}了。
never gets tired of the {catToy}. | 玩{catToy}总也玩不厌。
does not like to {catAction}. | 不喜欢{catAction}。
likes nobody but my {relative}. | 只喜欢我{relative}。
plays with a {colouredCat} {catPlace}. | 正和一只{colouredCat}在{catPlace}玩耍。
is friends with a {catAdj2} {pet}. | 和一{pet.m}{catAdj2}的{pet}是朋友。
`);

/** Whole sentences, once the cat is known. */
export const catSentences = frames(`
Its fur is {furColour} and {furAdj}. | 它的毛是{furColour}的，很{furAdj}。
It has {eyeColour} eyes. | 它有一双{eyeColour}的眼睛。
Its eyes are {eyeColour} and shine at night. | 它的眼睛是{eyeColour}的，夜里会发光。
It likes to {catAction}. | 它喜欢{catAction}。
Every morning it likes to {catAction}. | 每天早上它都喜欢{catAction}。
When it rains, it likes to {catAction} {catPlace}. | 下雨的时候，它喜欢在{catPlace}{catAction}。
In winter it sleeps {catPlace}. | 冬天它睡在{catPlace}。
In summer it lies {catPlace}. | 夏天它趴在{catPlace}。
Its favourite toy is a {catToy}. | 它最喜欢的玩具是一{catToy.m}{catToy}。
Its favourite place is {catPlace}. | 它最喜欢待在{catPlace}。
It is very {catAdj}, but a little {catAdj2}. | 它很{catAdj}，但是有点{catAdj2}。
It is {catAdj} and everybody loves it. | 它很{catAdj}，大家都爱它。
Its tail is long and its paws are small. | 它的尾巴长长的，爪子小小的。
Its {catParts} is soft. | 它的{catParts}软软的。
When I come home, it rubs against my legs. | 我一回家，它就来蹭我的腿。
When it is hungry, it meows loudly. | 饿了的时候，它就大声喵喵叫。
When it is happy, it purrs. | 高兴的时候，它就打呼噜。
It is afraid of water. | 它怕水。
It is afraid of the {device}. | 它害怕{device}。
My {relative} calls it {catName}. | 我{relative}叫它{catName}。
Its name is {catName}. | 它的名字叫{catName}。
It drinks a little milk before it goes to sleep. | 睡觉前它要喝一点牛奶。
It once broke my {breakable}. | 有一次它打碎了我的{breakable}。
It caught a {insect} yesterday and was very proud. | 昨天它抓到一只{insect}，得意极了。
At night it walks on the roofs. | 夜里它在屋顶上散步。
It sleeps sixteen hours a day. | 它一天要睡十六个小时。
It is {catManner} with children. | 它在孩子面前很{catManner}。
It moves without a sound. | 它走路没有一点声音。
It always lands on its feet. | 它总是四脚着地。
It looks like a little {wildAnimal}. | 它看起来像一{wildAnimal.m}小{wildAnimal}。
It shares its bowl with a {pet}. | 它和一{pet.m}{pet}共用一个碗。
Nobody can be angry with it. | 谁也没法生它的气。
Its ears stand up when a {songbird} sings. | 一听见{songbird}叫，它的耳朵就竖起来。
It hides {catPlace} when guests come. | 客人来了，它就躲在{catPlace}。
It washes its face with its paws. | 它用爪子洗脸。
It steals {animalFood.s} from the kitchen. | 它会从厨房里偷{animalFood}吃。
It jumps as high as the {furniture}. | 它能跳得和{furniture}一样高。
It came to us from the {townPlace}. | 它是我们从{townPlace}带回来的。
We have had it since last {season}. | 我们从去年{season}开始养它。
In the sunshine its fur looks {furColour}. | 阳光下它的毛看起来是{furColour}的。
It looks at the moon with its {eyeColour} eyes. | 它用{eyeColour}的眼睛望着月亮。
Who would not love such a {catAdj} cat? | 这么{catAdj}的猫，谁不喜欢呢？
Good night, little cat. | 晚安，小猫。
Its best friend is a {colouredCat}. | 它最好的朋友是一只{colouredCat}。
Its mother was a {colouredCat}. | 它的妈妈是一只{colouredCat}。
It chased away the {colouredCat} from next door. | 它把隔壁的{colouredCat}赶跑了。
It is the king of the {room}. | 它是{room}里的国王。
`);

const catIntroductions = frames(`
I have a {catAdj} {cat}. | 我有一只{catAdj}的{cat}。
This is my {cat}. | 这是我的{cat}。
We have a {cat} at home. | 我们家有一只{cat}。
My {relative} has a {catAdj} {cat}. | 我{relative}有一只{catAdj}的{cat}。
There is a {catAdj} {cat} {catPlace}. | {catPlace}有一只{catAdj}的{cat}。
A {catAdj} {cat} lives in our {townPlace}. | 我们那儿的{townPlace}住着一只{catAdj}的{cat}。
What a {catAdj} {cat}! | 多么{catAdj}的{cat}啊！
{person}'s {cat} is called {catName}. | {person}的{cat}叫{catName}。
Last year we found a {catAdj} {cat} by the road. | 去年我们在路边捡到一只{catAdj}的{cat}。
`);

/** "A cute cat, all fluffy, likes to …" and, half of the time, a sentence or two more. */
export function writeCatPhrase(writer: Writer): { beginning: Pair; continuation: Pair } {
  const { random } = writer;
  writer.bind('cat', 'cat');
  const beginning = writer.say(catBeginnings);
  const two = beginning.en.startsWith('Two');
  const used = new Set<Frame>();
  const middles = Array.from({ length: random.below(3) }, () => lower(writer.say(catMiddles, used)));
  const ending = lower(writer.say(catEndings));
  const more = Array.from({ length: two ? 0 : random.below(3) }, () => writer.say(catSentences, used));
  const comma = middles.length > 0 || beginning.en.includes(',') ? ',' : '';
  return {
    beginning: { ...beginning, en: beginning.en + comma },
    continuation: join([...middles, two ? { ...ending, en: pluralVerb(ending.en) } : ending, ...more]),
  };
}

function lower({ en, zh }: Pair): Pair {
  return { en: en[0]!.toLowerCase() + en.slice(1), zh };
}

/** "Two cats, …, likes to" → "like to". */
function pluralVerb(en: string): string {
  const plurals: Record<string, string> = { is: 'are', does: 'do', never: 'never' };
  return en
    .replace(/^\S+/, (verb) => plurals[verb] ?? verb.replace(/s$/, ''))
    .replace(/^never gets/, 'never get')
    .replace('and looks', 'and look');
}

export const cats: Genre = {
  name: 'cats',
  weight: 9,
  frames: [catBeginnings, catMiddles, catEndings, catSentences, catIntroductions],
  write(writer, language) {
    if (!writer.random.oneIn(3)) {
      const { beginning, continuation } = writeCatPhrase(writer);
      return language === 'en' ? `${beginning.en} ${continuation.en}` : beginning.zh + continuation.zh;
    }
    writer.bind('cat', 'cat');
    const used = new Set<Frame>();
    const count = 2 + writer.random.below(4);
    const sentences = [
      writer.say(catIntroductions),
      ...Array.from({ length: count }, () => writer.say(catSentences, used)),
    ];
    return join(sentences)[language];
  },
};
