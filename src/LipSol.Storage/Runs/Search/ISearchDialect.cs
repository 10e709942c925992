using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Runs.Search;

/// <summary>Where the databases differ in what searches say.</summary>
internal interface ISearchDialect
{
    /// <summary>The condition that a text column matches a LIKE or ILIKE pattern.</summary>
    /// <param name="column">The column.</param>
    /// <param name="comparison">LIKE, ILIKE or their opposites.</param>
    /// <param name="pattern">The pattern, with % and _.</param>
    /// <param name="bind">Makes a parameter of a value and returns its name.</param>
    string Pattern(string column, ComparisonOperator comparison, string pattern, Func<object, string> bind);
}
