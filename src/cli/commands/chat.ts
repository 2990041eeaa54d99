/** @file `promptune chat`: a conversation on the terminal, with adapters that can be switched. */
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import {
  type Adapter,
  createTextGenerator,
  type GenerationOptions,
  type Message,
  PromptuneError,
  resolveGenerationOptions,
} from '../../index.js';
import { said, say } from '../../say.js';
import { openAdapter } from '../../workspace/index.js';
import { helpText } from '../messages/index.js';
import { choiceOptions, generationOf, lengthOptions } from '../options/generation-options.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';

interface ChatFlags extends ModelFlags, AdapterFlags, DeviceFlags, GenerationOptions {
  system?: string;
}

const commands = `/adapter [folder]   switch the adapter, or use none without a folder; the conversation continues
/system [text]      another system message, or none; starts again
/reset              start again
/help               this list
/exit               leave; also Ctrl-D`;

export const chatCommand = new Command('chat')
  .description('chat with a model in its own chat format; adapters can be switched in between')
  .addHelpText(
    'after',
    () => `\n${helpText('In the conversation:')}\n${helpText(commands).replaceAll(/^/gm, '  ')}`,
  )
  .action(runChat);

addOptions(chatCommand, 'Model:', [...Object.values(modelOptions()), dtypeOption(), ...adapterOptions()]);
addOptions(chatCommand, 'Texts:', [
  new Option('--system <text>', 'system message (default: that of the template)'),
  ...lengthOptions(),
]);
for (const [heading, options] of choiceOptions()) addOptions(chatCommand, heading, options);
addOptions(chatCommand, 'Device:', deviceOptions());

async function runChat(flags: ChatFlags): Promise<void> {
  const options = generationOf({ maxNewTokens: 512, ...flags });
  resolveGenerationOptions(options);
  const { model, tokenizer } = await openModel(flags, new AbortController().signal);
  const { device, threads } = flags;
  const generatorWith = (adapter: Adapter | undefined) =>
    createTextGenerator({ model, tokenizer, adapter, device, threads });
  let generator = generatorWith(await openAdapter(adapterChoice(flags), model));
  let system = flags.system;
  let messages: Message[] = begun(system);

  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const lines = createInterface({ input: process.stdin, output: isTerminal ? process.stdout : undefined });
  let answering: AbortController | undefined;
  // Ctrl-C ends the answer or, between answers, the conversation.
  lines.on('SIGINT', () => (answering ? answering.abort() : lines.close()));
  if (isTerminal) console.log(say`${model.name}; /help lists the commands.`);
  lines.setPrompt('> ');
  try {
    if (isTerminal) lines.prompt();
    for await (const line of lines) {
      const said = line.trim();
      if (said === '/exit') break;
      try {
        if (said.startsWith('/')) await obey(said);
        else if (said !== '') await answer(said);
      } catch (error) {
        if (!(error instanceof PromptuneError)) throw error;
        console.error(say`promptune: ${error.message}`);
      }
      if (isTerminal) lines.prompt();
    }
  } finally {
    lines.close();
    await generator.dispose();
  }

  async function obey(line: string): Promise<void> {
    const [, name, rest = ''] = /^\/(\w*)\s*(.*)$/.exec(line) ?? [];
    if (name === 'adapter') {
      const adapter = await openAdapter({ adapters: rest === '' ? [] : [rest] }, model);
      await generator.dispose();
      generator = generatorWith(adapter);
      console.log(adapter ? `${rest}: ${adapter.method}` : say`no adapter`);
    } else if (name === 'system' || name === 'reset') {
      if (name === 'system') system = rest === '' ? undefined : rest;
      messages = begun(system);
    } else console.log(said(commands));
  }

  async function answer(content: string): Promise<void> {
    const conversation: Message[] = [...messages, { role: 'user', content }];
    answering = new AbortController();
    let text = '';
    try {
      for await (const piece of generator.stream(
        { messages: conversation },
        { ...options, signal: answering.signal },
      )) {
        process.stdout.write(piece);
        text += piece;
      }
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
    } finally {
      answering = undefined;
      process.stdout.write('\n');
    }
    messages = [...conversation, { role: 'assistant', content: text }];
  }
}

const begun = (system: string | undefined): Message[] =>
  system === undefined ? [] : [{ role: 'system', content: system }];
