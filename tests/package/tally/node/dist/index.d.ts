// Types of the tally fixture.
export declare const library: string;
export declare function add(left: number, right: number): number;
