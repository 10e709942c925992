using System.Text;
using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Runs.Search;

/// <summary>SQLite's LIKE takes A to Z in either case, as ILIKE should; its GLOB minds the case, as LIKE should.</summary>
internal sealed class SqliteSearchDialect : ISearchDialect
{
    public string Pattern(string column, ComparisonOperator comparison, string pattern, Func<object, string> bind) => comparison switch
    {
        ComparisonOperator.Like => $"{column} GLOB {bind(Glob(pattern))}",
        ComparisonOperator.NotLike => $"{column} NOT GLOB {bind(Glob(pattern))}",
        ComparisonOperator.ILike => $"{column} LIKE {bind(pattern)}",
        _ => $"{column} NOT LIKE {bind(pattern)}",
    };

    private static string Glob(string like)
    {
        var glob = new StringBuilder(like.Length + 8);
        foreach (char c in like) glob.Append(c switch { '%' => "*", '_' => "?", '*' => "[*]", '?' => "[?]", '[' => "[[]", _ => c.ToString() });
        return glob.ToString();
    }
}
