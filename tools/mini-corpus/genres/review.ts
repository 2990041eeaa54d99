/** @file Reviews of hotels, films, restaurants, books and things bought, of both sentiments. */
import { type Frame, frames, join, type Pair, type Writer } from '../engine/frames.js';
import type { Genre } from './genre.js';

export type Sentiment = 'positive' | 'negative';

interface Subject {
  /** Words that the whole review is about. */
  readonly bind: readonly string[];
  /** Opens the review without a judgement. */
  readonly openings: readonly Frame[];
  readonly positive: readonly Frame[];
  readonly negative: readonly Frame[];
}

const hotel: Subject = {
  bind: ['hotelName', 'city'],
  openings: frames(`
We stayed at {hotelName} for three nights. | 我们在{hotelName}住了三晚。
I stayed at {hotelName} {companion}. | 我{companion}住在{hotelName}。
{visitTime} I was in {city} and stayed at {hotelName}. | {visitTime}我去了{city}，住在{hotelName}。
This was our second stay at {hotelName}. | 这是我们第二次住{hotelName}。
We booked a room at {hotelName} in {city}. | 我们在{city}的{hotelName}订了一间房。
I spent a weekend at {hotelName}. | 我在{hotelName}过了一个周末。
We arrived at {hotelName} late at night. | 我们深夜到了{hotelName}。
{hotelName} is near the station. | {hotelName}离车站很近。
My company put me up at {hotelName}. | 公司安排我住{hotelName}。
We chose {hotelName} because of the pictures. | 我们看了照片才选了{hotelName}。
`),
  positive: frames(`
The {hotelPart} was {praise}. | {hotelPart}{praise}。
The room was {hotelGoodAdj} and {hotelGoodAdj2}. | 房间又{hotelGoodAdj}又{hotelGoodAdj2}。
The staff were {goodStaffAdj} and {goodStaffAdj2}. | 服务员{goodStaffAdj}又{goodStaffAdj2}。
The {hotelPart} was {praise}, and so was the {hotelPart2}. | {hotelPart}{praise}，{hotelPart2}也一样。
I slept very well, because the room was {hotelGoodAdj}. | 房间很{hotelGoodAdj}，我睡得很香。
What I liked most was the {hotelPart}. | 我最喜欢的是{hotelPart}。
We will certainly come back. | 我们一定还会再来。
I can recommend it to everyone. | 推荐给大家。
For this price you cannot find a better hotel. | 这个价钱找不到更好的酒店了。
The girl at the reception was {goodStaffAdj} and gave us a room with a view. | 前台的姑娘很{goodStaffAdj}，给了我们一间带风景的房。
The bed was soft and the sheets smelled of sunshine. | 床很软，床单有阳光的味道。
Everything was just as in the pictures. | 一切都和照片上一样。
The breakfast had {dish.s} and {fruit.s}, all of it fresh. | 早餐有{dish}和{fruit}，都很新鲜。
They even brought us {dessert.a} on the first evening. | 第一天晚上他们还送来了{dessert.a}。
I felt at home from the first minute. | 一进门就有回家的感觉。
Even the {hotelPart} was {hotelGoodAdj}, which is rare. | 连{hotelPart}都很{hotelGoodAdj}，真难得。
I give it five stars. | 给五星。
The children did not want to leave. | 孩子们都不想走了。
Not a sound came from the street at night. | 夜里街上一点声音也没有。
The {portable} that I lost was found within an hour, thank you! | 丢的{portable}一小时内就找到了，谢谢！
`),
  negative: frames(`
The {hotelPart} was {blame}. | {hotelPart}{blame}。
The room was {hotelBadAdj} and {hotelBadAdj2}. | 房间又{hotelBadAdj}又{hotelBadAdj2}。
The staff were {badStaffAdj} and {badStaffAdj2}. | 服务员{badStaffAdj}又{badStaffAdj2}。
The {hotelPart} was {blame}, and so was the {hotelPart2}. | {hotelPart}{blame}，{hotelPart2}也一样。
I could not sleep, because the room was {hotelBadAdj}. | 房间太{hotelBadAdj}，我一夜没睡好。
The worst thing was the {hotelPart}. | 最差的是{hotelPart}。
We will never come back. | 我们再也不会来了。
I cannot recommend it to anyone. | 不推荐给任何人。
For this price you can find a much better hotel. | 这个价钱完全可以找到好得多的酒店。
The man at the reception was {badStaffAdj} and made us wait for an hour. | 前台的人很{badStaffAdj}，让我们等了一个小时。
The bed was hard and the sheets had stains. | 床很硬，床单上还有污渍。
Nothing was as in the pictures. | 和照片上完全不一样。
The breakfast was cold and there was no {fruit} left. | 早餐是凉的，连{fruit}都没有了。
The hot water stopped in the middle of my shower. | 洗澡洗到一半没有热水了。
We moved out after the first night. | 住了一晚我们就搬走了。
Even the {hotelPart} was {hotelBadAdj}, and nobody cared. | 连{hotelPart}都很{hotelBadAdj}，也没人管。
I give it one star. | 只能给一星。
There were insects in the bathroom. | 卫生间里有虫子。
The street was noisy all night. | 街上吵了一整夜。
They lost my {portable} and did not even say sorry. | 他们弄丢了我的{portable}，连句对不起都没有。
`),
};

const film: Subject = {
  bind: ['filmName', 'person'],
  openings: frames(`
I saw the film {filmName} {companion}. | 我{companion}去看了电影《{filmName}》。
{visitTime} I watched {filmName}. | {visitTime}我看了《{filmName}》。
{filmName} is a film about {personKind.a} and {animal.a}. | 《{filmName}》讲的是{personKind.a}和{animal.a}的故事。
{filmName} tells the story of {job.a}. | 《{filmName}》讲述了{job.a}的故事。
{filmName} runs for two hours. | 《{filmName}》全片两个小时。
A friend gave me a ticket for {filmName}. | 朋友送了我一张《{filmName}》的票。
The new film {filmName} is now in the cinemas. | 新片《{filmName}》上映了。
We went to see {filmName} after dinner. | 晚饭后我们去看了《{filmName}》。
`),
  positive: frames(`
The {filmPart} was {praise}. | {filmPart}{praise}。
It is {filmGoodAdj.a} and {filmGoodAdj2} film. | 这是一部{filmGoodAdj}又{filmGoodAdj2}的电影。
The {filmPart} was {praise}, and the {filmPart2} was {praise2}. | {filmPart}{praise}，{filmPart2}{praise2}。
I laughed and cried with everyone in the cinema. | 我和全场观众一起又笑又哭。
I would love to see it again. | 真想再看一遍。
It is the best film I have seen this year. | 这是我今年看过的最好的电影。
Two hours passed like ten minutes. | 两个小时像十分钟一样过去了。
The scene in the {townPlace} is {filmGoodAdj}. | {townPlace}那场戏很{filmGoodAdj}。
Do not miss it! | 千万别错过！
The actors are full of life. | 演员们个个有戏。
I came out of the cinema with a smile. | 走出影院时我还在微笑。
Every picture is beautiful enough to hang on the wall. | 每一帧都美得可以挂在墙上。
The story is simple but {filmGoodAdj}. | 故事简单却很{filmGoodAdj}。
My whole family loved it. | 我们全家都喜欢。
The audience clapped at the end. | 结束时观众都鼓起了掌。
Take your friends and go to see it. | 带上朋友去看吧。
`),
  negative: frames(`
The {filmPart} was {blame}. | {filmPart}{blame}。
It is {filmBadAdj.a} and {filmBadAdj2} film. | 这是一部{filmBadAdj}又{filmBadAdj2}的电影。
The {filmPart} was {blame}, and the {filmPart2} was {blame2}. | {filmPart}{blame}，{filmPart2}{blame2}。
Half of the people in the cinema fell asleep. | 影院里一半的人都睡着了。
I would never see it again. | 我再也不想看第二遍。
It is the worst film I have seen this year. | 这是我今年看过的最差的电影。
Two hours felt like two days. | 两个小时像两天一样难熬。
The scene in the {townPlace} is {filmBadAdj}. | {townPlace}那场戏很{filmBadAdj}。
Do not waste your money! | 别浪费钱了！
The actors speak as if they were reading a newspaper. | 演员说话像念报纸。
I left the cinema before the end. | 没看完我就走了。
Nobody understood who was who. | 谁是谁都没看明白。
The story is long but {filmBadAdj}. | 故事很长却很{filmBadAdj}。
My whole family was bored. | 我们全家都觉得没意思。
I want my money back. | 我想退票。
Stay at home and read a book instead. | 还不如在家看书。
`),
};

const restaurant: Subject = {
  bind: ['mainDish', 'city'],
  openings: frames(`
{visitTime} we had {meal} in a new restaurant in {city}. | {visitTime}我们在{city}一家新餐馆吃了{meal}。
I came here {companion} and ordered {mainDish.a}. | 我{companion}来这里，点了{mainDish.a}。
There is a small restaurant behind the {townPlace}. | {townPlace}后面有一家小餐馆。
We ordered {mainDish.a}, {mainDish2.a} and {drink.a}. | 我们点了{mainDish.a}、{mainDish2.a}和{drink.a}。
We had a table by the window. | 我们坐在靠窗的位子。
My colleagues told me about this place. | 这家店是同事介绍的。
I ordered {mainDish.a} from here for {meal}. | {meal}我在这家点了{mainDish.a}。
We waited for ten minutes and got a table. | 我们等了十分钟就有位子了。
`),
  positive: frames(`
The {mainDish} was {foodGoodAdj} and {foodGoodAdj2}. | {mainDish}{foodGoodAdj}，而且{foodGoodAdj2}。
The {restaurantPart} was {praise}. | {restaurantPart}{praise}。
The waiter was {goodStaffAdj}. | 服务员很{goodStaffAdj}。
The {mainDish2} was {foodGoodAdj} too. | {mainDish2}也很{foodGoodAdj}。
I have never eaten such good {mainDish.s}. | 我从没吃过这么好吃的{mainDish}。
We ate up everything on the table. | 我们把一桌菜都吃光了。
The prices are fair and the portions are big. | 价格公道，分量也足。
I will bring all my friends here. | 我要把朋友们都带来。
The {drink} was {praise}. | {drink}{praise}。
It tastes just like my grandmother's cooking. | 吃起来就像奶奶做的一样。
The food was on the table in five minutes. | 五分钟菜就上齐了。
My mouth waters when I think of the {mainDish}. | 一想到那里的{mainDish}我就流口水。
The cook came out and asked if we liked it. We did! | 厨师还出来问我们喜不喜欢，当然喜欢！
This is now my favourite restaurant. | 这里成了我最喜欢的餐馆。
For dessert try the {dessert}; it is {praise}. | 甜点可以试试{dessert}，{praise}。
Ten points out of ten. | 满分十分。
`),
  negative: frames(`
The {mainDish} was {foodBadAdj} and {foodBadAdj2}. | {mainDish}{foodBadAdj}，而且{foodBadAdj2}。
The {restaurantPart} was {blame}. | {restaurantPart}{blame}。
The waiter was {badStaffAdj}. | 服务员很{badStaffAdj}。
The {mainDish2} was {foodBadAdj} too. | {mainDish2}也很{foodBadAdj}。
I have never eaten such bad {mainDish.s}. | 我从没吃过这么难吃的{mainDish}。
We left half of the food on the table. | 我们剩了一半菜。
The prices are high and the portions are tiny. | 价格贵，分量还少。
I will tell all my friends to stay away. | 我要告诉朋友们别来。
The {drink} was {blame}. | {drink}{blame}。
My dog would not eat this. | 连我家的狗都不吃。
We waited for an hour, and then they brought the wrong dish. | 等了一个小时，最后还上错了菜。
I had a stomach ache all night after the {mainDish}. | 吃了{mainDish}，我肚子疼了一夜。
There was a hair in my soup. | 我的汤里有一根头发。
This was the first and the last time. | 这是第一次，也是最后一次。
Do not order the {dessert}; it is {blame}. | 别点{dessert}，{blame}。
Zero points. | 零分。
`),
};

const book: Subject = {
  bind: ['bookName', 'person'],
  openings: frames(`
I read {bookName} {visitTime}. | 我{visitTime}读了《{bookName}》。
{bookName} is a novel about {job.a}. | 《{bookName}》是一本关于{job.a}的小说。
My {relative} gave me {bookName} for my birthday. | 生日那天，我{relative}送了我一本《{bookName}》。
I found {bookName} in the library. | 我在图书馆里找到了《{bookName}》。
{bookName} has three hundred pages. | 《{bookName}》有三百页。
The hero of {bookName} is {personKind.a} with {animal.a}. | 《{bookName}》的主人公是{personKind.a}，带着{animal.a}。
Everybody is talking about {bookName}. | 大家都在谈论《{bookName}》。
I took {bookName} with me on the train. | 我带着《{bookName}》上了火车。
`),
  positive: frames(`
The {bookPart} is {praise}. | {bookPart}{praise}。
It is {filmGoodAdj.a} and {filmGoodAdj2} book. | 这是一本{filmGoodAdj}又{filmGoodAdj2}的书。
I could not put it down. | 我一拿起来就放不下。
I read it in one night. | 我一个晚上就读完了。
The {bookPart} is {praise}, and the {bookPart2} is {praise2}. | {bookPart}{praise}，{bookPart2}{praise2}。
I have already read it twice. | 我已经读了两遍。
It made me think about my own life. | 它让我想到了自己的生活。
Everyone should read it. | 每个人都该读一读。
The people in it seem alive. | 书里的人物像活的一样。
I will give it to all my friends. | 我要把它送给所有的朋友。
The last page made me cry. | 最后一页让我流下了眼泪。
I learned a lot from it. | 我从中学到了很多。
I was sorry when it ended. | 读完时我很舍不得。
I am waiting for the next one by this author. | 我等着这位作者的下一本书。
`),
  negative: frames(`
The {bookPart} is {blame}. | {bookPart}{blame}。
It is {filmBadAdj.a} and {filmBadAdj2} book. | 这是一本{filmBadAdj}又{filmBadAdj2}的书。
I put it down after ten pages. | 我读了十页就放下了。
I fell asleep over it every night. | 每天晚上一读就睡着。
The {bookPart} is {blame}, and the {bookPart2} is {blame2}. | {bookPart}{blame}，{bookPart2}{blame2}。
I was not able to finish it. | 我没能读完。
It only made me angry. | 它只让我生气。
Nobody needs to read it. | 谁也没必要读。
The people in it are like wooden dolls. | 书里的人物像木偶一样。
I am going to throw it away. | 我打算把它扔掉。
There is a mistake on every page. | 每一页都有错字。
I learned nothing from it. | 我什么也没学到。
I was glad when it ended. | 读完时我松了一口气。
I will not buy anything by this author again. | 这位作者的书我再也不买了。
`),
};

const purchase: Subject = {
  bind: ['product', 'colour'],
  openings: frames(`
I bought this {product} {visitTime}. | 这{product.m}{product}是我{visitTime}买的。
I ordered {colour.a} {product} online. | 我在网上买了一{product.m}{colour}的{product}。
I have used this {product} for a month. | 这{product.m}{product}我用了一个月了。
The {product} came on the third day. | {product}第三天就送到了。
I bought this {product} for my {relative}. | 我给我{relative}买了这{product.m}{product}。
It is my second {product} of this make. | 这是我买的第二{product.m}这个牌子的{product}。
`),
  positive: frames(`
The {productPart} is {praise}. | {productPart}{praise}。
It works perfectly. | 用起来非常顺手。
The {colour} is even more beautiful than in the picture. | {colour}比图片上还漂亮。
I am very happy with it. | 我非常满意。
I will buy here again. | 下次还会来买。
My {relative} likes it very much. | 我{relative}特别喜欢。
It is cheap and good. | 又便宜又好。
The seller was {goodStaffAdj} and answered all my questions. | 卖家很{goodStaffAdj}，什么问题都回答。
The {productPart} is {praise}, and the {productPart2} too. | {productPart}{praise}，{productPart2}也是。
Five stars from me! | 必须五星好评！
I use it every day and never had a problem. | 天天用，从没出过问题。
My friends all want one now. | 朋友们都想要一{product.m}。
`),
  negative: frames(`
The {productPart} is {blame}. | {productPart}{blame}。
It broke after two days. | 用了两天就坏了。
The {colour} is nothing like in the picture. | {colour}和图片上差太远了。
I am very unhappy with it. | 我非常不满意。
I will never buy here again. | 再也不会来买了。
My {relative} does not like it at all. | 我{relative}一点也不喜欢。
It is expensive and bad. | 又贵又差。
The seller was {badStaffAdj} and did not answer my questions. | 卖家很{badStaffAdj}，问什么都不回答。
The {productPart} is {blame}, and the {productPart2} too. | {productPart}{blame}，{productPart2}也是。
One star is too much! | 一星都嫌多！
I sent it back the same day. | 当天我就退货了。
It smells of plastic. | 一股塑料味。
`),
};

const subjects = [hotel, film, restaurant, book, purchase];

/** Where the label stands when there is one, and how it reads. */
const labelled = {
  en: [
    (review: string, label: string) => `Review: ${review} Sentiment: ${label}`,
    (review: string, label: string) => `Review: ${review}\nSentiment: ${label}`,
    (review: string, label: string) => `Sentiment: ${label}\nReview: ${review}`,
    (review: string, label: string) => `${review}\n${label === 'positive' ? 'Positive' : 'Negative'}`,
    (review: string, label: string) => `${label === 'positive' ? 'Good' : 'Bad'} review: ${review}`,
    (review: string, label: string) => `${review} (${label})`,
  ],
  zh: [
    (review: string, label: string) => `评论：${review} 情感：${label}`,
    (review: string, label: string) => `评论：${review}\n情感：${label}`,
    (review: string, label: string) => `情感：${label}\n评论：${review}`,
    (review: string, label: string) => `${review}\n${label === '正面' ? '好评' : '差评'}`,
    (review: string, label: string) => `${label === '正面' ? '好评' : '差评'}：${review}`,
    (review: string, label: string) => `${review}（${label}）`,
  ],
};

/** An opening without a judgement and two to four sentences of one sentiment. */
export function writeReview(writer: Writer, sentiment: Sentiment): { opening: Pair; judgement: Pair } {
  const subject = writer.random.pick(subjects);
  for (const slot of subject.bind) writer.bind(slot, slot);
  const opening = writer.say(subject.openings);
  const used = new Set<Frame>();
  const judgements = Array.from({ length: 2 + writer.random.below(3) }, () =>
    writer.say(subject[sentiment], used),
  );
  return { opening, judgement: join(judgements) };
}

/** All sentences that judge, by what they say. */
export const judgements: Readonly<Record<Sentiment, readonly Frame[]>> = {
  positive: subjects.flatMap(({ positive }) => positive),
  negative: subjects.flatMap(({ negative }) => negative),
};

export const reviewFrames = subjects.flatMap(({ openings, positive, negative }) => [
  openings,
  positive,
  negative,
]);

export const review: Genre = {
  name: 'review',
  weight: 14,
  frames: reviewFrames,
  write(writer, language) {
    const { random } = writer;
    const sentiment = random.pick(['positive', 'negative'] as const);
    const { opening, judgement } = writeReview(writer, sentiment);
    const text = random.oneIn(8) ? judgement : join([opening, judgement]);
    if (!random.oneIn(3)) return text[language];
    const label = language === 'en' ? sentiment : sentiment === 'positive' ? '正面' : '负面';
    return random.pick(labelled[language])(text[language], label);
  },
};
