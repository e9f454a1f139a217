// A sample of npm run test:suggestions.
import { takeSuggestions } from '../suggestions/taken.ts';

takeSuggestions(5);
