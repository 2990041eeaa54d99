/** @file People: names, family, work, character, feelings. */
import { adjectives, names, nouns, others } from '../engine/words.js';

export const people = names(`
Tom 汤姆 他, Lucy 露西 她, Jack 杰克 他, Mary 玛丽 她, Anna 安娜 她, Peter 彼得 他, Lily 莉莉 她, Sam 萨姆 他, Emma 艾玛 她, Ben 本 他, Kate 凯特 她, David 大卫 他
Alice 爱丽丝 她, Bob 鲍勃 他, Linda 琳达 她, Mike 迈克 他, Grace 格蕾丝 她, Henry 亨利 他, Jane 简 她, Paul 保罗 他, Sarah 萨拉 她, Leo 利奥 他, Amy 艾米 她, Max 马克斯 他
Li Ming 李明 他, Wang Fang 王芳 她, Zhang Wei 张伟 他, Xiao Hong 小红 她, Xiao Ming 小明 他, Liu Yang 刘洋 他, Chen Jing 陈静 她, Zhao Lei 赵磊 他, Sun Li 孙丽 她, Zhou Tao 周涛 他, Wu Min 吴敏 她
Xiao Mei 小美 她, Lin Feng 林峰 他, Huang Ying 黄英 她, Xiao Gang 小刚 他, He Jie 何洁 她, Nina 妮娜 她, Oscar 奥斯卡 他, Rose 罗丝 她, Tony 托尼 他, Helen 海伦 她, George 乔治 他, Daniel 丹尼尔 他, Sophie 苏菲 她
`);

/** With 我: my mother, 我妈妈. */
export const family = names(`
mother 妈妈 她, father 爸爸 他, sister 姐姐 她, brother 哥哥 他, grandmother 奶奶 她, grandfather 爷爷 他, uncle 叔叔 他, aunt 阿姨 她, cousin 表哥 他, little sister 妹妹 她, little brother 弟弟 他
daughter 女儿 她, son 儿子 他, wife 妻子 她, husband 丈夫 他, friend 朋友 他, neighbour 邻居 他, teacher 老师 她, classmate 同学 他, colleague 同事 他, boss 老板 他, best friend 好朋友 她
`);

export const jobs = nouns(`
teacher 老师 位, doctor 医生 位, nurse 护士 位, farmer 农民 位, cook 厨师 位, driver 司机 位, pilot 飞行员 位, police officer 警察 位, firefighter 消防员 位, singer 歌手 位, dancer 舞蹈家 位, painter 画家 位
writer 作家 位, scientist 科学家 位, engineer 工程师 位, lawyer 律师 位, judge 法官 位, baker 面包师 位, gardener 园丁 位, postman (postmen) 邮递员 位, waiter 服务员 位, actor 演员 位, musician 音乐家 位
photographer 摄影师 位, journalist 记者 位, tailor 裁缝 位, carpenter 木匠 位, dentist 牙医 位, soldier 士兵 位, sailor 水手 位, fisherman (fishermen) 渔夫 位, shopkeeper 店主 位, librarian 图书管理员 位
programmer 程序员 位, architect 建筑师 位, astronaut 宇航员 位, coach 教练 位, barber 理发师 位, designer 设计师 位, translator 翻译 位, cleaner 清洁工 位, student 学生 位, professor 教授 位, vet 兽医 位, guide 导游 位
magician 魔术师 位, plumber 水管工 位, secretary 秘书 位, accountant 会计 位, reporter 播报员 位, director 导演 位, poet 诗人 位, clown 小丑 位
`);

export const people_kinds = nouns(`
man (men) 男人 个, woman (women) 女人 个, boy 男孩 个, girl 女孩 个, child (children) 孩子 个, old man (old men) 老人 位, young man (young men) 小伙子 个, tourist 游客 位, guest 客人 位, customer 顾客 位, stranger 陌生人 个, baby 婴儿 个, lady 女士 位, gentleman (gentlemen) 先生 位, twin 双胞胎 个
`);

export const personAdjectives = adjectives(`
kind 善良, friendly 友好, clever 聪明, tall 高, short 矮, young 年轻, old 老, brave 勇敢, honest 诚实, polite 有礼貌, funny 风趣, hard-working 勤奋, patient 有耐心, quiet 文静, shy 害羞, cheerful 开朗, careful 细心
generous 大方, strong 强壮, beautiful 漂亮, handsome 帅气, gentle 温柔, humble 谦虚, serious 严肃, strict 严格, lazy 懒惰, stubborn 固执, forgetful 健忘, calm 冷静, warm-hearted 热心, talkative 健谈, rich 富有, poor 贫穷, curious 好奇
confident 自信, modest 低调, creative 有创意, reliable 可靠, energetic 精力充沛, thoughtful 体贴, wise 睿智, careless 粗心, selfish 自私, optimistic 乐观, punctual 守时
`);

export const feelings = adjectives(`
happy 高兴, sad 难过, tired 累, hungry 饿, thirsty 渴, angry 生气, excited 激动, worried 担心, surprised 惊讶, bored 无聊, nervous 紧张, proud 自豪, lonely 孤独, relaxed 放松, afraid 害怕, grateful 感激, busy 忙, sleepy 困, ill 不舒服, lucky 幸运, cold 冷, calm 平静, disappointed 失望, jealous 嫉妒, embarrassed 尴尬, confused 困惑, comfortable 舒服, satisfied 满意
`);

export const hobbies = others(`
reading 看书, swimming 游泳, painting 画画, singing 唱歌, dancing 跳舞, cooking 做饭, running 跑步, fishing 钓鱼, hiking 徒步, cycling 骑自行车, gardening 种花, travelling 旅行, taking photos 拍照, playing chess 下棋, playing the piano 弹钢琴
playing football 踢足球, playing basketball 打篮球, playing tennis 打网球, watching films 看电影, listening to music 听音乐, flying kites 放风筝, collecting stamps 集邮, writing stories 写故事, skating 滑冰, skiing 滑雪, climbing mountains 爬山
playing the guitar 弹吉他, playing the violin 拉小提琴, playing computer games 玩电脑游戏, baking cakes 烤蛋糕, learning languages 学语言, doing yoga 练瑜伽, practising calligraphy 练书法, drinking tea 喝茶, playing table tennis 打乒乓球, playing badminton 打羽毛球, telling jokes 讲笑话, watching the stars 看星星, doing puzzles 拼拼图, knitting 织毛衣
`);

export const subjects = nouns(
  `~maths 数学 门, ~history 历史 门, ~music 音乐 门, ~science 科学 门, ~art 美术 门, ~geography 地理 门, ~English 英语 门, ~Chinese 语文 门, ~physics 物理 门, ~chemistry 化学 门, ~biology 生物 门, ~literature 文学 门, ~philosophy 哲学 门, ~law 法律 门, ~medicine 医学 门`,
);

export const bodyParts = nouns(
  `hand 手 只, foot (feet) 脚 只, eye 眼睛 只, ear 耳朵 只, head 头 个, arm 胳膊 条, leg 腿 条, knee 膝盖 个, shoulder 肩膀 个, finger 手指 根, tooth (teeth) 牙齿 颗, back 背 个, stomach 肚子 个, throat 嗓子 个, neck 脖子 个`,
);
