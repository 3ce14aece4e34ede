const testPath =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testdata|fixtures?|__fixtures__|__mocks__|mocks?|examples?|samples?|bench(?:es|marks?)?|selftests)\/|[._-](?:tests?|specs?|bench|stories)\.[a-z]+$|(?:^|\/)(?:test_[^/]*|conftest)\.[a-z]+$|(?:Tests?|Spec)\.[a-z]+$/;
const generatedPath =
  /(?:^|\/)(?:vendor|vendored|third[_-]?party|node_modules|dist|generated|__generated__)\/|\.min\.(?:js|css)$|\.(?:pb|gen|generated|g)\.[a-z]+$|_pb2?(?:_grpc)?\.[a-z]+$/i;

/** Tests, examples, and what was generated or is other people's: seldom what a search is about, and listed last. */
export function isAside(path: string): boolean {
  return testPath.test(path) || generatedPath.test(path);
}
