namespace LipSol.Search;

/// <summary>The objective of a trial: the best of its metric over the steps.</summary>
public static class Objective
{
    /// <summary>The best of some values; NaN among them is passed over. NaN where there's nothing else.</summary>
    public static double Best(IEnumerable<double> values, bool maximise) => values.Aggregate(double.NaN, maximise ? double.MaxNumber : double.MinNumber);

    /// <summary>Whether one value is better than another; anything is better than NaN.</summary>
    public static bool IsBetter(double value, double than, bool maximise) => !double.IsNaN(value) && (double.IsNaN(than) || (maximise ? value > than : value < than));
}
