/** @file What people do: verbs with the things they take, and how, when and where it is done. */
import { others, verbs, type Word } from '../engine/words.js';

/** A verb and the tables that its object comes from. */
export interface TransitiveVerb {
  readonly verb: Word;
  readonly objects: readonly string[];
}

/** `verb 动词 : tables of objects`, a line each. */
export const transitiveVerbs: readonly TransitiveVerb[] = `
eat (ate, eaten) 吃 : fruit dish dessert
drink (drank, drunk) 喝 : drink
cook 做 : dish
taste 品尝 : dish dessert drink
order 点 : dish dessert drink
buy (bought, bought) 买 : fruit vegetable toy clothing stationery furniture tool device plant
sell (sold, sold) 卖 : fruit vegetable toy clothing furniture device
wash 洗 : fruit vegetable clothing
cut (cut, cut, cutting) 切 : fruit vegetable
peel 削 : hardFruit
pick 摘 : fruit
wear (wore, worn) 穿 : worn
iron 熨 : worn
mend 缝补 : worn
fold 叠 : worn
try on 试穿 : worn
read (read, read) 读 : readable
write (wrote, written) 写 : writable
borrow 借 : stationery tool
lend (lent, lent) 借出 : stationery tool
lose (lost, lost) 弄丢 : stationery toy portable
find (found, found) 找到 : stationery toy portable
look for 寻找 : stationery toy portable
hide (hid, hidden) 藏 : toy stationery portable
bring (brought, brought) 带来 : dessert toy stationery drink
carry 搬 : furniture box
move 移动 : furniture
clean 打扫 : room
decorate 装饰 : room
tidy 整理 : room
wipe 擦 : furniture
repair 修理 : device vehicle furniture
use 使用 : device tool
turn on 打开 : switchable
turn off 关掉 : switchable
test 测试 : device
drive (drove, driven) 开 : drivable
ride (rode, ridden) 骑 : ridable
wait for 等 : ride person
see (saw, seen) 看见 : animal plant person vehicle
watch 观察 : bird insect wildAnimal
feed (fed, fed) 喂 : pet farmAnimal
raise 养 : pet farmAnimal
stroke 抚摸 : pet
chase 追 : pet
take care of (took care of, taken care of, taking care of) 照顾 : pet plant
plant 种 : plant vegetable
water 浇 : plant
draw (drew, drawn) 画 : animal plant vehicle
paint 画 : animal plant
photograph 拍摄 : bird animal plant naturePlace
study 学习 : subject
teach (taught, taught) 教 : subject
practise 练习 : instrument
play 演奏 : instrument
visit 参观 : townSight
go to (went to, gone to) 去 : townPlace naturePlace
leave (left, left) 离开 : townPlace
walk past 路过 : townPlace
meet (met, met) 遇见 : personKind job
help 帮助 : personKind person
thank 感谢 : person job
contact 联系 : person
invite 邀请 : person
miss 想念 : person
break (broke, broken) 打碎 : breakable
open 打开 : openable
close 关上 : openable
take (took, taken) 拿 : tool toy portable
throw (threw, thrown) 扔 : ball
kick 踢 : ball
catch (caught, caught) 接住 : ball
send (sent, sent) 寄 : sendable
receive 收到 : sendable
wrap 包装 : toy tool
choose (chose, chosen) 挑选 : clothing toy furniture
share 分享 : dessert fruit
bake 烤 : baked
make (made, made) 做 : toyMade
smell (smelt, smelt) 闻 : plant
cross 穿过 : crossable
climb 爬 : climbable
explore 探索 : naturePlace
`
  .trim()
  .split('\n')
  .map((line) => {
    const [word = '', tables = ''] = line.split(' : ');
    const verb = verbs(word)[0];
    if (!verb) throw new Error(`no verb in "${line}"`);
    return { verb, objects: tables.split(' ') };
  });

/** Verbs that take no object. */
export const intransitiveVerbs = verbs(`
sleep (slept, slept) 睡觉, run (ran, run) 跑步, swim (swam, swum) 游泳, sing (sang, sung) 唱歌, dance 跳舞, cry 哭, laugh 笑, walk 散步, work 工作, study 学习, rest 休息, read (read, read) 看书
draw (drew, drawn) 画画, wait 等待, smile 微笑, shout 喊叫, travel 旅行, jump 跳绳, cook 做饭, exercise 锻炼, chat (chatted, chatted, chatting) 聊天, take photos (took photos, taken photos) 拍照, go shopping (went shopping, gone shopping) 购物
get up early (got up early, got up early, getting up early) 早起, go fishing (went fishing, gone fishing) 钓鱼, play football 踢足球, play basketball 打篮球, play chess 下棋, watch television 看电视, listen to music 听音乐, fly a kite (flew a kite, flown a kite) 放风筝
tell stories (told stories, told stories) 讲故事, do homework (did homework, done homework) 做作业, do the dishes (did the dishes, done the dishes) 洗碗, take a bath (took a bath, taken a bath) 洗澡, have a meeting (had a meeting, had a meeting) 开会
play the piano 弹钢琴, ride a bike (rode a bike, ridden a bike) 骑车, take a nap (took a nap, taken a nap) 睡午觉, climb mountains 爬山, practise calligraphy 练书法, play table tennis 打乒乓球, learn English 学英语, learn Chinese 学中文
write letters (wrote letters, written letters) 写信, make dumplings (made dumplings, made dumplings) 包饺子, drink tea (drank tea, drunk tea) 喝茶, grow flowers (grew flowers, grown flowers) 种花, have a picnic (had a picnic, had a picnic) 野餐, stand in line (stood in line, stood in line) 排队
argue 吵架, lie (lied, lied) 撒谎, daydream 做白日梦, whisper 说悄悄话, cough 咳嗽, meditate 冥想, knit (knitted, knitted, knitting) 织毛衣, do yoga (did yoga, done yoga) 练瑜伽, play the guitar 弹吉他, watch a film 看电影, surf the internet 上网, skate 滑冰, ski 滑雪, camp 露营
`);

/** Where people do things. 在 goes before the Chinese, the English is whole. */
export const whereabouts = others(`
in the park 公园里, at school 学校, at home 家里, in the library 图书馆里, in the kitchen 厨房里, in the garden 花园里, at the office 办公室里, by the river 河边, on the beach 海滩上, in the classroom 教室里, under the tree 树下
at the station 车站, in the living room 客厅里, in front of the house 屋前, in the bedroom 卧室里, at the bus stop 公交站, in the yard 院子里, by the lake 湖边, on the balcony 阳台上, in the village 村里, in the city 城里, at the café 咖啡馆, on the playground 操场上
on the grass 草地上, at the gate 门口, near the bridge 桥边, in the mountains 山里, at the hotel 酒店里, on the bus 公交车上, on the train 火车上, at the window 窗前, in the countryside 乡下, in the basement 地下室里, in the forest 森林里, on the farm 农场上
`);

export const pastTimes = others(
  `yesterday 昨天, last night 昨晚, last week 上周, last month 上个月, last year 去年, this morning 今天早上, two days ago 两天前, three days ago 三天前, last Sunday 上个星期天, last summer 去年夏天, yesterday afternoon 昨天下午, an hour ago 一小时前, last winter 去年冬天, on Monday 星期一, a week ago 一周前, the day before yesterday 前天`,
);
export const futureTimes = others(
  `tomorrow 明天, tonight 今晚, next week 下周, next month 下个月, next year 明年, tomorrow morning 明天早上, this weekend 这个周末, the day after tomorrow 后天, next Sunday 下个星期天, this evening 今天傍晚, soon 很快, this afternoon 今天下午, next summer 明年夏天, in an hour 一小时后`,
);
export const habitTimes = others(
  `every day 每天, every morning 每天早上, every evening 每天晚上, every week 每周, every Sunday 每个星期天, every year 每年, after school 放学后, after dinner 晚饭后, before breakfast 早饭前, on weekends 周末, in the afternoon 下午, in summer 夏天, in winter 冬天, at night 晚上, after work 下班后`,
);
export const frequencies = others(
  `often 经常, always 总是, usually 通常, sometimes 有时, never 从不, seldom 很少`,
);

export const manners = others(
  `quietly 静静地, happily 高兴地, slowly 慢慢地, quickly 飞快地, carefully 小心地, gently 轻轻地, loudly 大声地, patiently 耐心地, proudly 自豪地, secretly 偷偷地, busily 忙碌地, calmly 平静地, eagerly 急切地, gladly 愉快地, seriously 认真地, together 一起, alone 独自, lazily 懒洋洋地`,
);

export const plans = others(
  `go to the beach 去海边, see a film 看电影, visit grandma 看望奶奶, have a picnic 野餐, play football 踢足球, go shopping 去购物, climb the mountain 爬山, stay at home 待在家里, go swimming 去游泳, eat hot pot 吃火锅, go to the museum 去博物馆, bake a cake 烤蛋糕, plant some trees 种树, fly a kite 放风筝, go camping 去露营, clean the house 打扫房子, go fishing 去钓鱼, read in the library 在图书馆看书, ride our bikes 骑自行车, go to the zoo 去动物园, listen to a concert 听音乐会, practise the piano 练钢琴, learn to swim 学游泳, watch the stars 看星星`,
);
