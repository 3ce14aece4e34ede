/* The text of an answer as it comes. Run: node examples/streaming.ts [FOLDER] */
import { connectOctant } from './client.ts';

const octant = await connectOctant(process.argv[2] ?? '.');
const onText = (text: string) => process.stdout.write(text);

const answer = await octant.call('send_message', { text: 'Tell a short story about an octopus.' }, onText);

console.log(
  `\n\n${String(answer.data.text).length} characters by ${answer.data.model}: ${JSON.stringify(answer.data.tokens)}`,
);
await octant.close();
