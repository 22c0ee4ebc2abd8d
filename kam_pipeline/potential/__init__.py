"""What similar customers buy: learnt from customers that buy, said of all, with its error beside it.

Law: an estimate is on the median scale, the exponential of the estimated logarithm of a year's revenue, and it is about
customers that buy: half of those like this one buy more. What a customer bought never enters its own estimate. An
estimate is a hint and never the only reason for a decision.

    inputs      columns of numbers from marts.potential_input
    fitting     fits, folds, estimates nobody's own revenue went into
    judging     is it better than the median of all, and what it rests on
    words       the same in English and Danish
    frames      the tables
"""
