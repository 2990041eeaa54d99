/** @file The API's description, from the schemas that check its requests. */
import * as z from 'zod';
import { packageVersion } from '../../workspace/package-version.js';
import { chatSchema, classifySchema, completionSchema, detokenizeSchema, tokenizeSchema } from './schemas.js';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const failure = { description: 'An error.', ...json(reference('Error')) };
const success = (description: string) => ({
  '200': { description, ...json({ type: 'object' }) },
  default: failure,
});

const get = (summary: string, description: string) => ({ get: { summary, responses: success(description) } });

const post = (summary: string, body: string, description: string, streams = false) => {
  const responses = success(description);
  const stream = { 'text/event-stream': { schema: { type: 'string' } } };
  if (streams) Object.assign(responses['200'].content, stream);
  return { post: { summary, requestBody: { required: true, ...json(reference(body)) }, responses } };
};

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Promptune',
    version: packageVersion,
    description: 'Learned prompts and adapters on one language model.',
  },
  paths: {
    '/v1/models': get('The models that can be named', 'A list of models.'),
    '/v1/models/{id}': { parameters: [idParameter], ...get('One model', 'The model.') },
    '/v1/completions': post(
      'Continue texts',
      'CompletionRequest',
      'Continuations, or a stream of them.',
      true,
    ),
    '/v1/chat/completions': post(
      'Answer a conversation',
      'ChatRequest',
      'Answers, or a stream of them.',
      true,
    ),
    '/v1/classify': post('Label texts', 'ClassifyRequest', 'Labels and their probabilities.'),
    '/tokenize': post('Tokens of a text', 'TokenizeRequest', 'Their ids.'),
    '/detokenize': post('The text of tokens', 'DetokenizeRequest', 'The text.'),
    '/health': get('Whether the process answers', 'It does.'),
    '/ready': get('Whether requests are taken', 'They are.'),
    '/version': get('The version of the server', 'The version.'),
  },
  components: {
    schemas: {
      CompletionRequest: z.toJSONSchema(completionSchema, { io: 'input' }),
      ChatRequest: z.toJSONSchema(chatSchema, { io: 'input' }),
      ClassifyRequest: z.toJSONSchema(classifySchema, { io: 'input' }),
      TokenizeRequest: z.toJSONSchema(tokenizeSchema, { io: 'input' }),
      DetokenizeRequest: z.toJSONSchema(detokenizeSchema, { io: 'input' }),
      Error: {
        type: 'object',
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            required: ['message', 'type', 'param', 'code'],
            properties: {
              message: { type: 'string' },
              type: { type: 'string' },
              param: { type: ['string', 'null'] },
              code: { type: ['string', 'null'] },
            },
          },
        },
      },
    },
  },
};
