/**
 * @file Facts that hold throughout the corpus, for questions and answers. Each row has both languages, field by field.
 */
import { others, type Word } from '../engine/words.js';

/** Rows of `english 中文 ; english 中文`, a line each. */
function rows(text: string): Word[][] {
  const lines = text.trim().split('\n');
  return lines.map((line) => line.split(' ; ').flatMap((field) => others(field)));
}

/** animal; what it eats; where it lives; what noise it makes. */
export const animalFacts = rows(`
cats 猫 ; fish 鱼 ; in houses 房子里 ; meow 喵喵叫
dogs 狗 ; meat 肉 ; in kennels 狗窝里 ; bark 汪汪叫
cows 奶牛 ; grass 草 ; on farms 农场上 ; moo 哞哞叫
horses 马 ; hay 干草 ; in stables 马厩里 ; neigh 嘶鸣
sheep 绵羊 ; grass 青草 ; on farms 农场上 ; bleat 咩咩叫
rabbits 兔子 ; carrots 胡萝卜 ; in burrows 地洞里 ; squeak 轻声吱吱叫
monkeys 猴子 ; bananas 香蕉 ; in trees 树上 ; chatter 吱吱叫
pandas 熊猫 ; bamboo 竹子 ; in bamboo forests 竹林里 ; squeal 尖叫
bears 熊 ; honey 蜂蜜 ; in caves 山洞里 ; growl 低吼
lions 狮子 ; meat 肉 ; on the grassland 草原上 ; roar 吼叫
tigers 老虎 ; meat 肉 ; in the forest 森林里 ; roar 咆哮
wolves 狼 ; meat 肉 ; in the forest 森林里 ; howl 嚎叫
ducks 鸭子 ; snails 蜗牛 ; by ponds 池塘边 ; quack 嘎嘎叫
hens 母鸡 ; corn 玉米 ; in henhouses 鸡舍里 ; cluck 咯咯叫
mice 老鼠 ; cheese 奶酪 ; in holes 洞里 ; squeak 吱吱叫
squirrels 松鼠 ; nuts 坚果 ; in trees 树上 ; chirp 叽叽叫
frogs 青蛙 ; insects 昆虫 ; in ponds 池塘里 ; croak 呱呱叫
owls 猫头鹰 ; mice 老鼠 ; in hollow trees 树洞里 ; hoot 咕咕叫
bees 蜜蜂 ; nectar 花蜜 ; in hives 蜂巢里 ; buzz 嗡嗡叫
koalas 考拉 ; leaves 树叶 ; in trees 树上 ; grunt 哼哼叫
penguins 企鹅 ; fish 鱼 ; in cold places 寒冷的地方 ; bray 高声叫
elephants 大象 ; leaves 树叶 ; on the grassland 草原上 ; trumpet 长鸣
pigs 猪 ; corn 玉米 ; in pigsties 猪圈里 ; oink 哼哼叫
goats 山羊 ; grass 青草 ; in the mountains 山里 ; bleat 咩咩叫
sparrows 麻雀 ; seeds 种子 ; in nests 鸟窝里 ; chirp 叽叽喳喳叫
`);

export const opposites = rows(`
big 大 ; small 小
hot 热 ; cold 冷
tall 高 ; short 矮
long 长 ; short 短
fast 快 ; slow 慢
new 新 ; old 旧
young 年轻 ; old 年老
good 好 ; bad 坏
happy 高兴 ; sad 难过
light 轻 ; heavy 重
bright 明亮 ; dark 黑暗
clean 干净 ; dirty 脏
early 早 ; late 晚
easy 容易 ; difficult 困难
open 开 ; closed 关
full 满 ; empty 空
rich 富 ; poor 穷
strong 强 ; weak 弱
thick 厚 ; thin 薄
wet 湿 ; dry 干
high 高 ; low 低
far 远 ; near 近
deep 深 ; shallow 浅
hard 硬 ; soft 软
cheap 便宜 ; expensive 贵
noisy 吵闹 ; quiet 安静
left 左 ; right 右
up 上 ; down 下
inside 里面 ; outside 外面
true 真 ; false 假
brave 勇敢 ; cowardly 胆小
lazy 懒惰 ; hard-working 勤奋
safe 安全 ; dangerous 危险
wide 宽 ; narrow 窄
sweet 甜 ; bitter 苦
beautiful 美 ; ugly 丑
`);

export const colourFacts = rows(`
grass 草 ; green 绿色的
snow 雪 ; white 白色的
the sky 天空 ; blue 蓝色的
a banana 香蕉 ; yellow 黄色的
coal 煤 ; black 黑色的
blood 血 ; red 红色的
a lemon 柠檬 ; yellow 黄色的
an orange 橙子 ; orange 橙色的
milk 牛奶 ; white 白色的
a strawberry 草莓 ; red 红色的
chocolate 巧克力 ; brown 棕色的
a crow 乌鸦 ; black 黑色的
a leaf 树叶 ; green 绿色的
the sea 大海 ; blue 蓝色的
a carrot 胡萝卜 ; orange 橙色的
a cucumber 黄瓜 ; green 绿色的
salt 盐 ; white 白色的
an eggplant 茄子 ; purple 紫色的
a fire engine 消防车 ; red 红色的
a swan 天鹅 ; white 白色的
gold 金子 ; golden 金色的
a tomato 西红柿 ; red 红色的
a panda 熊猫 ; black and white 黑白相间的
an elephant 大象 ; grey 灰色的
`);

/** worker; what he or she does; where. */
export const jobFacts = rows(`
a teacher 老师 ; teaches students 教学生 ; at a school 学校
a doctor 医生 ; treats patients 给病人看病 ; in a hospital 医院
a farmer 农民 ; grows crops 种庄稼 ; on a farm 农场
a baker 面包师 ; bakes bread 烤面包 ; in a bakery 面包店
a cook 厨师 ; makes meals 做菜 ; in a restaurant 餐馆
a pilot 飞行员 ; flies planes 开飞机 ; at an airport 机场
a driver 司机 ; drives a bus 开公共汽车 ; on the road 路上
a firefighter 消防员 ; puts out fires 灭火 ; at a fire station 消防站
a police officer 警察 ; catches thieves 抓小偷 ; at a police station 警察局
a writer 作家 ; writes books 写书 ; at a desk 书桌前
a painter 画家 ; paints pictures 画画 ; in a studio 画室
a singer 歌手 ; sings songs 唱歌 ; on a stage 舞台上
a dentist 牙医 ; looks after teeth 看牙齿 ; in a clinic 诊所
a tailor 裁缝 ; makes clothes 做衣服 ; in a tailor's shop 裁缝店
a postman 邮递员 ; delivers letters 送信 ; at a post office 邮局
a gardener 园丁 ; looks after plants 照料植物 ; in a garden 花园
a fisherman 渔夫 ; catches fish 捕鱼 ; on the sea 海上
a librarian 图书管理员 ; looks after books 管理图书 ; in a library 图书馆
a vet 兽医 ; treats animals 给动物看病 ; in an animal hospital 动物医院
a nurse 护士 ; cares for patients 照顾病人 ; in a hospital 医院
a programmer 程序员 ; writes programs 写程序 ; in an office 办公室
a waiter 服务员 ; serves food 上菜 ; in a restaurant 餐馆
a scientist 科学家 ; does experiments 做实验 ; in a laboratory 实验室
a carpenter 木匠 ; makes furniture 做家具 ; in a workshop 作坊
`);

/** tool; what one does with it. */
export const useFacts = rows(`
a knife 刀 ; cut things 切东西
a pen 钢笔 ; write 写字
an umbrella 雨伞 ; keep off the rain 挡雨
a key 钥匙 ; open doors 开门
a broom 扫帚 ; sweep the floor 扫地
a spoon 勺子 ; drink soup 喝汤
a clock 钟 ; tell the time 看时间
a bed 床 ; sleep 睡觉
a camera 照相机 ; take photos 拍照
a phone 手机 ; call people 打电话
a fridge 冰箱 ; keep food cold 冷藏食物
a hammer 锤子 ; hit nails 钉钉子
a needle 针 ; sew clothes 缝衣服
a towel 毛巾 ; dry your hands 擦手
a toothbrush 牙刷 ; brush your teeth 刷牙
a ladder 梯子 ; climb up high 爬高
a lamp 台灯 ; light the room 照明
a map 地图 ; find the way 找路
a dictionary 词典 ; look up words 查单词
a comb 梳子 ; comb your hair 梳头
a cup 杯子 ; drink water 喝水
a bag 包 ; carry things 装东西
a ruler 尺子 ; measure length 量长度
an eraser 橡皮 ; rub out mistakes 擦掉错字
an oven 烤箱 ; bake bread 烤面包
a telescope 望远镜 ; look at the stars 看星星
a calculator 计算器 ; add numbers 算数
a washing machine 洗衣机 ; wash clothes 洗衣服
a fan 扇子 ; keep cool 乘凉
a scarf 围巾 ; keep your neck warm 给脖子保暖
`);

/** thing; the kind it is. */
export const kindFacts = rows(`
a rose 玫瑰 ; a flower 花
an apple 苹果 ; a fruit 水果
a cat 猫 ; an animal 动物
a sparrow 麻雀 ; a bird 鸟
a carrot 胡萝卜 ; a vegetable 蔬菜
a piano 钢琴 ; an instrument 乐器
a bus 公共汽车 ; a vehicle 交通工具
football 足球 ; a sport 运动
red 红色 ; a colour 颜色
a chair 椅子 ; a piece of furniture 家具
a bee 蜜蜂 ; an insect 昆虫
tea 茶 ; a drink 饮料
a violin 小提琴 ; an instrument 乐器
a tulip 郁金香 ; a flower 花
an eagle 老鹰 ; a bird 鸟
a tiger 老虎 ; an animal 动物
a pear 梨 ; a fruit 水果
a potato 土豆 ; a vegetable 蔬菜
an ant 蚂蚁 ; an insect 昆虫
a hammer 锤子 ; a tool 工具
a doll 娃娃 ; a toy 玩具
a bicycle 自行车 ; a vehicle 交通工具
tennis 网球 ; a sport 运动
milk 牛奶 ; a drink 饮料
a table 桌子 ; a piece of furniture 家具
a salmon 三文鱼 ; a fish 鱼
Monday 星期一 ; a day of the week 一周中的一天
May 五月 ; a month 月份
`);

/** Small facts of counting and nature: question; answer. */
export const generalFacts = rows(`
How many legs does a cat have 猫有几条腿 ; four 四条
How many legs does a spider have 蜘蛛有几条腿 ; eight 八条
How many legs does a bird have 鸟有几条腿 ; two 两条
How many legs does an ant have 蚂蚁有几条腿 ; six 六条
How many days are there in a week 一周有几天 ; seven 七天
How many months are there in a year 一年有几个月 ; twelve 十二个月
How many seasons are there in a year 一年有几个季节 ; four 四个
How many hours are there in a day 一天有多少小时 ; twenty-four 二十四小时
How many minutes are there in an hour 一小时有多少分钟 ; sixty 六十分钟
How many fingers does a hand have 一只手有几根手指 ; five 五根
How many wheels does a bicycle have 自行车有几个轮子 ; two 两个
How many wheels does a car have 汽车有几个轮子 ; four 四个
Where does the sun rise 太阳从哪里升起 ; in the east 东方
Where does the sun set 太阳从哪里落下 ; in the west 西方
What do bees make 蜜蜂酿造什么 ; honey 蜂蜜
What do cows give us 奶牛给我们什么 ; milk 牛奶
What do hens lay 母鸡下什么 ; eggs 鸡蛋
What falls from the sky in winter 冬天天上飘下什么 ; snow 雪花
What is ice made of 冰是由什么变成的 ; water 水
What do we breathe 我们呼吸什么 ; air 空气
What shines in the sky at night 夜里天上什么在发光 ; the moon 月亮
What do we see with 我们用什么看 ; our eyes 眼睛
What do we hear with 我们用什么听 ; our ears 耳朵
What do we smell with 我们用什么闻 ; our nose 鼻子
What is bread made from 面包是用什么做的 ; flour 面粉
What is cheese made from 奶酪是用什么做的 ; milk 牛奶
What is tofu made from 豆腐是用什么做的 ; soybeans 黄豆
What is wine made from 葡萄酒是用什么做的 ; grapes 葡萄
Which season comes after winter 冬天过后是什么季节 ; spring 春天
Which season comes after spring 春天过后是什么季节 ; summer 夏天
Which season comes after summer 夏天过后是什么季节 ; autumn 秋天
Which season comes after autumn 秋天过后是什么季节 ; winter 冬天
Which season is the hottest 哪个季节最热 ; summer 夏天
Which season is the coldest 哪个季节最冷 ; winter 冬天
Which animal has the longest neck 哪种动物的脖子最长 ; the giraffe 长颈鹿
Which animal has a long nose 哪种动物有长鼻子 ; the elephant 大象
Which animal carries its baby in a pouch 哪种动物用口袋装宝宝 ; the kangaroo 袋鼠
What do caterpillars turn into 毛毛虫会变成什么 ; butterflies 蝴蝶
What do tadpoles turn into 蝌蚪会变成什么 ; frogs 青蛙
What do silkworms make 蚕会吐什么 ; silk 丝
`);
