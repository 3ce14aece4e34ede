import { cut } from '../text/cut.ts';

/*
 * What a text shows of its weaknesses. These are signs and no proof: words of English that stand where something is
 * missing or too much. Each is held by a test.
 */

/** @param plain the text without code, tags and quotations @returns what is wrong */
type FindSign = (text: string, plain: string) => string | undefined;

const longParagraph = 120;
const manyTasks = 4;

/** The gravest first. */
export const signs = [
  ['left_open', (text) => quote(text, leftOpen, 'It leaves something open')],
  ['no_task', (_, plain) => (hasTask(plain) ? undefined : 'No sentence says what to do.')],
  ['refers_outside', (_, plain) => quote(plain, outside, 'It refers to what its reader has not seen')],
  ['vague', (_, plain) => quote(plain, vague, 'It is vague')],
  ['no_place', (text) => (place.test(text) ? undefined : 'It names no file, function or command, and takes none.')],
  ['no_done_check', (_, plain) => (doneCheck.test(plain) ? undefined : 'It does not say how to tell that it is done.')],
  ['no_answer_form', (_, plain) => (answerForm.test(plain) ? undefined : 'It does not say what the answer is to be.')],
  ['no_limits', (_, plain) => (limit.test(plain) ? undefined : 'It does not say what to leave alone.')],
  ['many_tasks', (_, plain) => findCrowd(plain)],
  ['contradiction', (_, plain) => findContradiction(plain)],
  ['wall_of_text', (text) => findWall(text)],
  ['role_play', (_, plain) => quote(plain, rolePlay, 'It casts a role')],
  ['pressure', (_, plain) => quote(plain, pressure, 'It presses') ?? quote(plain, shouting, 'It shouts')],
  ['thinking_orders', (_, plain) => quote(plain, thinking, 'It orders how to think')],
  ['machine_path', (text) => quote(text, machinePath, 'It names a place of one machine')],
] as const satisfies ReadonlyArray<readonly [string, FindSign]>;

export type WeaknessSign = (typeof signs)[number][0];

const leftOpen =
  /\b(?:TODO|TBD|FIXME|XXX)\b|<(?:insert|your|fill)\b[^>]*>|\[(?:insert|your|fill in)\b[^\]]*\]|\.{3}\s*$/i;
const outside =
  /\b(?:as (?:we )?discussed|as before|like last time|the previous (?:one|message|chat|answer)|(?:mentioned|shown|code|the|see) above|same as yesterday|(?:our|the) earlier conversation|you know which)\b/i;
const vague =
  /\b(?:somehow|and so on|etc\b|as needed|if necessary|as appropriate|properly|nicely|some stuff|things like that|make it (?:better|nice|good|work)|more (?:robust|elegant|professional)|best practices|clean (?:it )?up|fix everything|improve (?:the|this) code)\b/i;
/** A path, code, a name as programs have them, an address, a command, or a tag of a template. */
const place =
  /`[^`]+`|\{\{[^}]+\}\}|\b[\w-]+\/[\w./-]+|\b\w+\.[a-z]{1,5}\b(?!\s+[A-Z])|\b[a-z]+[A-Z]\w*\b|\b\w+_\w+\b|\w\(\)|\bnpm |\bgit /;
const doneCheck =
  /\b(?:tests?|verif\w+|check\w*|accept\w+|done (?:when|if)|pass(?:es)?|until|make sure|ensure\w*|prove\w*|confirm\w*|compil\w+|lint\w*)\b/i;
const answerForm =
  /\b(?:answer|reply|respond|return|report|output|list|table|json|markdown|summar\w+|format|bullets?|lines?|sentences?|paragraphs?|print|say|give|show|name|diff|patch|commit)\b/i;
const limit =
  /\b(?:do not|don't|only|leave|without|no more|at most|never|nothing (?:else|more)|except|avoid|keep|limit\w*|unless|no \w+)\b/i;
const rolePlay =
  /\b(?:you are|act as|pretend|imagine you are)\b[^.!?\n]{0,40}\b(?:world|expert|genius|guru|senior|10x|best|brilliant|master|ninja|professional)\b/i;
const pressure =
  /\b(?:i will tip|my (?:job|life|career) depends|you will be (?:fired|punished|rewarded)|this is (?:very|extremely|super) important)\b/i;
const shouting =
  /!{2,}|\b(?:IMPORTANT|MUST|NEVER|ALWAYS|CRITICAL)\b(?:[\s\S]*?\b(?:IMPORTANT|MUST|NEVER|ALWAYS|CRITICAL)\b){2}/;
const thinking = /\b(?:think step[- ]by[- ]step|take a deep breath|think (?:very )?(?:hard|carefully)|let'?s think)\b/i;
const machinePath = /(?:\/(?:Users|home)\/[\w.-]+|[A-Z]:\\Users\\[\w.-]+)/;
/** Words with which an order begins. */
const verbs =
  'add|analy[sz]e|answer|ask|build|change|check|choose|compare|convert|count|create|debug|delete|describe|design|document|draft|draw|estimate|explain|extract|find|fix|generate|give|help|implement|improve|inspect|investigate|list|look|make|measure|merge|migrate|move|name|optimi[sz]e|plan|prepare|propose|read|refactor|release|remove|rename|replace|report|research|review|rewrite|run|say|search|show|simplify|sort|split|suggest|summari[sz]e|tell|test|translate|turn|update|upgrade|use|validate|verify|work|write';
const order = new RegExp(
  `(?:^|[.!?:;,\\n]\\s*(?:[-*+]|\\d+[.)])?\\s*|\\b(?:please|then|and|to|you (?:should|must|can)|now)\\s+)(?:${verbs})\\b`,
  'i',
);
const orders = new RegExp(`\\b(?:${verbs})\\b`, 'gi');
const question = /\b(?:what|why|how|which|where|when|who|does|is|are|can|should)\b[^.!\n]*\?/i;

function hasTask(plain: string): boolean {
  return order.test(plain) || question.test(plain);
}

function findCrowd(plain: string): string | undefined {
  const sentences = plain.split(/[.!?\n]+/);
  const crowded = sentences.find((each) => {
    const isJoined = /\b(?:and|also|then|as well as)\b/i.test(each);
    return isJoined && (each.match(orders)?.length ?? 0) >= manyTasks;
  });
  return crowded && `One sentence asks for much at once: ${shown(crowded)}.`;
}

/** What cannot both be wanted of one answer. */
const opposites: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [
    /\b(?:be (?:brief|short|concise)|keep it (?:short|brief)|in one sentence)\b/i,
    /\b(?:in (?:great )?detail|be (?:thorough|exhaustive|comprehensive)|explain everything)\b/i,
  ],
  [/\b(?:do not|don't) (?:write|change|touch)(?: any)? (?:code|files?)\b/i, /\b(?:implement|fix) (?:it|this|them)\b/i],
  [/\bonly (?:answer|reply|respond) with\b/i, /\b(?:also|and) explain\b/i],
];

function findContradiction(plain: string): string | undefined {
  for (const [one, other] of opposites) {
    const [first, second] = [one.exec(plain)?.[0], other.exec(plain)?.[0]];
    if (first && second) return `It wants both ${shown(first)} and ${shown(second)}.`;
  }
  return undefined;
}

function findWall(text: string): string | undefined {
  const wall = text
    .split(/\n\s*\n/)
    .find((part) => !/^\s*(?:[-*+]|\d+[.)])\s/m.test(part) && wordCount(part) > longParagraph);
  return wall && `A paragraph has ${wordCount(wall)} words: ${shown(wall)}.`;
}

function wordCount(text: string): number {
  return text.trim().split(/\s+/).length;
}

function quote(text: string, pattern: RegExp, what: string): string | undefined {
  const found = pattern.exec(text)?.[0];
  return found && `${what}: ${shown(found)}.`;
}

const mostShown = 60;

function shown(text: string): string {
  return JSON.stringify(cut(text.replace(/\s+/g, ' ').trim(), mostShown));
}

/** What stands in code, tags and quotation marks is spoken of, not said. */
export function withoutCode(text: string): string {
  return text
    .replace(/^```[\s\S]*?^```/gm, ' ')
    .replace(/`[^`\n]*`/g, ' ')
    .replace(/\{\{[^{}\n]*\}\}/g, ' ')
    .replace(/"[^"\n]*"/g, ' ');
}
