/** @file Animals and how they look and live. */
import { adjectives, names, nouns, others, verbs } from '../engine/words.js';

/** Kinds of which any colour can be said. */
export const cats = nouns(`
cat 猫 只, kitten 小猫 只, Persian cat 波斯猫 只, Siamese cat 暹罗猫 只, stray cat 流浪猫 只, house cat 家猫 只, ragdoll cat 布偶猫 只, long-haired cat 长毛猫 只
short-haired cat 短毛猫 只, Bengal cat 豹猫 只, farm cat 农场里的猫 只, young cat 幼猫 只, mother cat 猫妈妈 只, city cat 城里的猫 只, village cat 村里的猫 只
`);

/** Kinds that say the colour. */
export const colouredCats = nouns(
  `black cat 黑猫 只, white cat 白猫 只, orange cat 橘猫 只, grey cat 灰猫 只, calico cat 三花猫 只, tabby cat 虎斑猫 只, tuxedo cat 奶牛猫 只, tortoiseshell cat 玳瑁猫 只`,
);

export const pets = nouns(`
dog 狗 条, puppy 小狗 只, rabbit 兔子 只, hamster 仓鼠 只, parrot 鹦鹉 只, turtle 乌龟 只, goldfish (goldfish) 金鱼 条
guinea pig 豚鼠 只, poodle 贵宾犬 只, canary 金丝雀 只, pony 小马 匹, budgie 虎皮鹦鹉 只, bulldog 斗牛犬 只, husky 哈士奇 只
`);

export const farmAnimals = nouns(`
cow 奶牛 头, horse 马 匹, sheep (sheep) 绵羊 只, goat 山羊 只, pig 猪 头, hen 母鸡 只, duck 鸭子 只, goose (geese) 鹅 只
donkey 驴 头, lamb 小羊 只, rooster 公鸡 只, chick 小鸡 只, calf (calves) 小牛 头, buffalo 水牛 头, duckling 小鸭 只
`);

export const wildAnimals = nouns(`
lion 狮子 头, tiger 老虎 只, elephant 大象 头, giraffe 长颈鹿 只, zebra 斑马 匹, monkey 猴子 只, bear 熊 只, panda 熊猫 只
wolf (wolves) 狼 只, fox 狐狸 只, deer (deer) 鹿 只, squirrel 松鼠 只, hedgehog 刺猬 只, kangaroo 袋鼠 只, koala 考拉 只
camel 骆驼 头, leopard 豹子 只, mouse (mice) 老鼠 只, mole 鼹鼠 只, beaver 河狸 只, badger 獾 只, raccoon 浣熊 只
hippo (hippos) 河马 头, rhino (rhinos) 犀牛 头, gorilla 大猩猩 只, bat 蝙蝠 只, otter 水獭 只, sloth 树懒 只
antelope 羚羊 只, polar bear 北极熊 只, hare 野兔 只, snake 蛇 条, lizard 蜥蜴 只, frog 青蛙 只, toad 蟾蜍 只, crocodile 鳄鱼 条
`);

export const birds = nouns(`
sparrow 麻雀 只, eagle 老鹰 只, owl 猫头鹰 只, swallow 燕子 只, crow 乌鸦 只, pigeon 鸽子 只, swan 天鹅 只, peacock 孔雀 只
penguin 企鹅 只, woodpecker 啄木鸟 只, magpie 喜鹊 只, crane 鹤 只, seagull 海鸥 只, robin 知更鸟 只, ostrich 鸵鸟 只
flamingo (flamingos) 火烈鸟 只, hummingbird 蜂鸟 只, cuckoo 布谷鸟 只
`);

export const seaAnimals = nouns(`
whale 鲸鱼 头, dolphin 海豚 只, shark 鲨鱼 条, seal 海豹 只, octopus 章鱼 只, crab 螃蟹 只, jellyfish (jellyfish) 水母 只
starfish (starfish) 海星 只, seahorse 海马 只, lobster 龙虾 只, salmon (salmon) 三文鱼 条, carp (carp) 鲤鱼 条, sea turtle 海龟 只
`);

export const insects = nouns(`
bee 蜜蜂 只, butterfly 蝴蝶 只, ant 蚂蚁 只, ladybird 瓢虫 只, dragonfly 蜻蜓 只, firefly 萤火虫 只, grasshopper 蚱蜢 只
cricket 蟋蟀 只, snail 蜗牛 只, spider 蜘蛛 只, caterpillar 毛毛虫 条, beetle 甲虫 只, moth 飞蛾 只, silkworm 蚕 条
`);

/** How an animal strikes one. Each goes with 很 and with 的. */
export const animalAdjectives = adjectives(`
cute 可爱, gentle 温顺, clever 聪明, lively 活泼, quiet 安静, brave 勇敢, shy 害羞, curious 好奇, lazy 懒, friendly 友好
strong 强壮, fast 敏捷, greedy 贪吃, naughty 调皮, timid 胆小, proud 骄傲, playful 贪玩, patient 有耐心, loyal 忠诚, graceful 优雅
sleepy 困, healthy 健康, careful 小心, small 小, big 大, thin 瘦, fat 胖, young 年轻, old 老, noisy 吵闹, alert 机警, sweet 讨人喜欢
`);

export const catAdjectives = adjectives(`
cute 可爱, fluffy 蓬松, gentle 温柔, lazy 慵懒, clever 聪明, naughty 调皮, elegant 优雅, shy 害羞, curious 好奇, quiet 安静
lively 活泼, soft 柔软, chubby 壮实, tiny 娇小, mysterious 神秘, proud 高傲, clingy 黏人, greedy 贪吃, brave 勇敢, agile 灵活
sleepy 困倦, pretty 漂亮, clean 干净, friendly 友善, round 圆, sweet 乖巧, cheeky 机灵, graceful 轻盈, timid 胆小
`);

export const furColours = adjectives(`
white 白色, black 黑色, grey 灰色, brown 棕色, orange 橘色, golden 金色, cream 奶油色, ginger 姜黄色, silver 银色, spotted 带斑点, striped 带条纹
`);

export const eyeColours = adjectives(
  `green 绿色, blue 蓝色, amber 琥珀色, golden 金色, hazel 浅褐色, copper 古铜色, emerald 翠绿色`,
);

export const furAdjectives = adjectives(`
soft 柔软, thick 浓密, silky 光滑, shiny 有光泽, fluffy 蓬松, smooth 顺滑, warm 暖和, fine 细密, long 长, short 短
`);

export const catPlaces = others(`
on the sofa 沙发上, by the window 窗边, under the bed 床底下, on the windowsill 窗台上, in the cardboard box 纸箱里
on the warm blanket 温暖的毯子上, in the sunshine 阳光里, on my lap 我的腿上, by the fire 火炉旁, on the roof 屋顶上, in the garden 花园里
on the bookshelf 书架上, behind the curtain 窗帘后面, on the keyboard 键盘上, at the top of the stairs 楼梯顶上, on the pillow 枕头上
under the table 桌子底下, in the basket 篮子里, on the wall 墙头上, beside the piano 钢琴旁边, on the balcony 阳台上, in the wardrobe 衣柜里
on the armchair 扶手椅上, at the door 门口, in the kitchen 厨房里, on the rug 地毯上, among the flowers 花丛中, in the corner 角落里
`);

/** What a cat does; also after "likes to" and 喜欢. */
export const catActions = verbs(`
sleep (slept, slept) 睡觉, doze 打盹, purr 打呼噜, lie in the sun (lay in the sun, lain in the sun, lying in the sun) 晒太阳, chase butterflies 追蝴蝶
play with a ball of wool 玩毛线球, chase its own tail 追自己的尾巴, lick its paws 舔爪子, stretch 伸懒腰, watch the birds 看小鸟
climb trees 爬树, catch mice (caught mice, caught mice) 抓老鼠, drink milk (drank milk, drunk milk) 喝牛奶, eat fish (ate fish, eaten fish) 吃鱼
hide in boxes (hid in boxes, hidden in boxes) 躲进纸箱, wash its face 洗脸, roll on the floor 在地上打滚, scratch the sofa 抓沙发
jump onto the table 跳上桌子, look out of the window 望着窗外, listen to the rain 听雨声, rub against my legs 蹭我的腿, nap 打瞌睡
stare at the goldfish 盯着金鱼, play hide-and-seek 玩捉迷藏, curl up 缩成一团, yawn 打哈欠, follow me around 跟在我身后, knead the blanket 踩毯子
bat at the curtain 拍打窗帘, sit on my newspaper (sat on my newspaper, sat on my newspaper) 坐在我的报纸上, explore the garden 在花园里探险
`);

export const catToys = nouns(`
ball of wool 毛线球 个, toy mouse (toy mice) 玩具老鼠 只, feather 羽毛 根, paper bag 纸袋 个, ribbon 丝带 条, little bell 小铃铛 个, paper ball 纸团 个
laser dot 激光点 个, ping-pong ball 乒乓球 个, shoelace 鞋带 根, cardboard box 纸箱 个, bottle cap 瓶盖 个, fishing-rod toy 逗猫棒 根, cushion 靠垫 个
`);

export const catNames = names(
  `Mimi 咪咪, Snowball 雪球, Tiger 虎子, Coal 煤球, Pudding 布丁, Tofu 豆腐, Rice Ball 饭团, Button 纽扣, Ginger 姜姜, Cotton 棉花, Moon 月亮, Sesame 芝麻, Peach 桃子, Luna 露娜, Lucky 来福, Mochi 麻薯, Shadow 影子, Bean 豆豆`,
);

export const catParts = nouns(
  `ear 耳朵 只, paw 爪子 只, tail 尾巴 条, whisker 胡须 根, nose 鼻子 个, belly 肚子 个, back 背 个, eye 眼睛 只`,
);

/** What animals do, without an object. */
export const animalActions = verbs(`
sleep (slept, slept) 睡觉, run (ran, run) 奔跑, jump 跳跃, rest 休息, hide (hid, hidden) 躲藏, play 玩耍, wait 等待, wander 散步
look for food 找食物, drink water (drank water, drunk water) 喝水, wake up (woke up, woken up) 醒来, lie down (lay down, lain down, lying down) 躺下, look around 东张西望, grow up (grew up, grown up) 长大
`);

export const animalFoods = nouns(
  `~grass 草 把, ~hay 干草 捆, ~fish 鱼 条, ~bamboo 竹子 根, ~corn 玉米 根, carrot 胡萝卜 根, nut 坚果 颗, banana 香蕉 根, bone 骨头 根, seed 种子 颗`,
);
