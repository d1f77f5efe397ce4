/** What shoppers type: words that the generated catalogue is made of, and a few that it is not. */

export const SEARCH_WORDS = [
  ...['chair', 'shirt', 'shoes', 'table', 'keyboard', 'mouse', 'gloves', 'hat', 'pants', 'bike'],
  ...['computer', 'towels', 'soap', 'ball', 'car', 'cotton', 'wooden', 'steel', 'granite', 'silk'],
  ...['bamboo', 'ceramic', 'rubber', 'fresh', 'small', 'modern', 'elegant', 'recycled', 'chiar'],
  ...['wooden chair', 'cotton shirt', 'zzz'],
];
