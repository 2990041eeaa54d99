/** @file The bodies of answers. A test compares them with the types of OpenAI's client. */

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export interface AnswerHead<Kind extends string> {
  id: string;
  object: Kind;
  created: number;
  model: string;
  system_fingerprint: string;
}

export interface Answer<Kind extends string, Choice> extends AnswerHead<Kind> {
  choices: (Choice & { index: number; finish_reason: FinishReason })[];
  usage: Usage;
}

/** An event of a stream. With `include_usage`, usage is null until the last one, which has no choices. */
export interface AnswerChunk<Kind extends string, Choice> extends AnswerHead<Kind> {
  choices: (Choice & { index: number; finish_reason: FinishReason | null })[];
  usage?: Usage | null;
}

export interface CompletionTokens {
  tokens: string[];
  /** Null for a prompt's first token, which nothing precedes. */
  token_logprobs: (number | null)[];
  top_logprobs: (Record<string, number> | null)[];
  /** In characters. */
  text_offset: number[];
}

/** Of a whole answer and of a stream alike. */
export interface CompletionChoice {
  text: string;
  logprobs: CompletionTokens | null;
}

export interface ChatToken {
  token: string;
  logprob: number;
  /** Null if it is only a part of a character. */
  bytes: number[] | null;
}

export interface ChatTokens {
  content: (ChatToken & { top_logprobs: ChatToken[] })[];
  refusal: null;
}

export interface ToolCallBody {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface ChatChoice {
  message: {
    role: 'assistant';
    /** Null if there are only calls. */
    content: string | null;
    refusal: null;
    tool_calls?: ToolCallBody[];
  };
  logprobs: ChatTokens | null;
}

export interface ChatChunkChoice {
  delta: { role?: 'assistant'; content?: string; tool_calls?: (ToolCallBody & { index: number })[] };
  logprobs: ChatTokens | null;
}
