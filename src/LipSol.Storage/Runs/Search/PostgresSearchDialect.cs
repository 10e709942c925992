using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Runs.Search;

/// <summary>PostgreSQL has both words; its backslash, which would take the meaning of what follows, is told to be a letter as any other.</summary>
internal sealed class PostgresSearchDialect : ISearchDialect
{
    public string Pattern(string column, ComparisonOperator comparison, string pattern, Func<object, string> bind)
    {
        string word = comparison switch
        {
            ComparisonOperator.Like => "LIKE",
            ComparisonOperator.NotLike => "NOT LIKE",
            ComparisonOperator.ILike => "ILIKE",
            _ => "NOT ILIKE",
        };
        return $"{column} {word} {bind(pattern)} ESCAPE ''";
    }
}
