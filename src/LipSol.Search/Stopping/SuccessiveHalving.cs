namespace LipSol.Search;

/// <summary>
/// Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar: A System for Massively Parallel Hyperparameter Tuning, MLSys 2020), in the variant that stops: a trial that reaches a
/// rung goes on at once where it's among the best <c>1/factor</c> of those that reached it so far (the best alone where they are fewer than <c>factor</c>), and is stopped otherwise. Nothing waits, and nothing that was stopped
/// is taken up again, so an early trial may go on that a later look would have stopped; Optuna's pruner and Ray's scheduler do the same.
/// </summary>
/// <param name="Least">Values of the metric before the first rung: validations, one an epoch.</param>
/// <param name="Factor">A rung lies so many times as far as the one before, and keeps one in so many.</param>
public sealed record SuccessiveHalving(int Least, int Factor)
{
    /// <summary>The rungs that a trial has passed with so many values, the first first: each as the number of values that it takes.</summary>
    public IEnumerable<int> Reached(int values)
    {
        for (long rung = Least; rung <= values; rung *= Factor) yield return (int)rung;
    }

    /// <summary>Whether a trial goes on from a rung.</summary>
    /// <param name="value">Its best value up to the rung. Where it's no finite number, the trial doesn't go on.</param>
    /// <param name="others">The best values of the others that reached the rung before it; those that are no finite numbers count as worse than any.</param>
    /// <param name="maximise">Whether larger is better.</param>
    public bool GoesOn(double value, IReadOnlyCollection<double> others, bool maximise)
    {
        if (!double.IsFinite(value)) return false;
        int better = others.Count(o => double.IsFinite(o) && (maximise ? o > value : o < value));
        return better < Math.Max(1, (others.Count + 1) / Factor);
    }
}
