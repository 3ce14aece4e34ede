/** What the nodes of tree-sitter's grammars define, in the words of an outline. */
export const definitionKinds: ReadonlyMap<string, string> = new Map(
  Object.entries({
    function:
      'function_declaration generator_function_declaration function_signature function_definition function_item function_signature_item local_function_statement',
    method:
      'method_definition method_signature abstract_method_signature method_declaration method singleton_method method_elem',
    constructor: 'constructor_declaration destructor_declaration',
    class: 'class_declaration abstract_class_declaration class_definition class_specifier class',
    interface: 'interface_declaration annotation_type_declaration',
    enum: 'enum_declaration enum_item enum_specifier',
    struct: 'struct_item struct_specifier struct_declaration',
    union: 'union_item union_specifier',
    trait: 'trait_item trait_declaration',
    record: 'record_declaration',
    type: 'type_alias_declaration type_item type_definition type_spec type_alias type_alias_statement alias_declaration',
    impl: 'impl_item',
    namespace: 'internal_module namespace_definition namespace_declaration file_scoped_namespace_declaration',
    module: 'module mod_item',
    macro: 'macro_definition preproc_def preproc_function_def',
    const: 'const_item static_item const_spec const_element',
    var: 'var_spec variable_declarator',
    property: 'public_field_definition field_definition property_declaration property_signature',
    delegate: 'delegate_declaration',
  }).flatMap(([kind, types]) => types.split(' ').map((type): [string, string] => [type, kind])),
);

/** What makes a function in it a method, and what is named as the parent of what lies in it. */
export const containerKinds = new Set(
  'class interface enum struct union trait record impl namespace module function method constructor'.split(' '),
);
export const methodOwners = new Set('class interface enum struct union trait record impl'.split(' '));

/** Which grammar reads a language; C is read by that of C++. The files are those of `@vscode/tree-sitter-wasm`. */
export const grammarFiles: ReadonlyMap<string, string> = new Map([
  ['TypeScript', 'typescript'],
  ['JavaScript', 'javascript'],
  ['Python', 'python'],
  ['Go', 'go'],
  ['Rust', 'rust'],
  ['Java', 'java'],
  ['C#', 'c-sharp'],
  ['C', 'cpp'],
  ['C++', 'cpp'],
  ['Ruby', 'ruby'],
  ['PHP', 'php'],
  ['Shell', 'bash'],
]);

/** Elements in TypeScript need the grammar that reads a type in angle brackets as one. */
export function grammarOf(path: string, languageName: string | undefined): string | undefined {
  if (path.endsWith('.tsx')) return 'tsx';
  return grammarFiles.get(languageName ?? '');
}
