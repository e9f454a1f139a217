// npm run test:suggestions: every suggestion that has a story, taken as it is printed.
import { takeSuggestions } from './taken.ts';

takeSuggestions();
