/** Rows of a record that are shown at first, and at most: the API gives no longer page. */
export const FIRST_PAGE = 200;
export const LONGEST_PAGE = 1000;
