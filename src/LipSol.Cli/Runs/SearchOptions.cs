using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary>The options that say which runs, and in which order.</summary>
internal sealed class SearchOptions
{
    /// <summary>As many runs as a node sends at once.</summary>
    public const int LargestPage = 1000;

    private readonly Option<string?> where = new("--where") { Description = "Only runs that this search finds, e.g. \"metrics.val_wer.min < 0.3 AND tags.who = 'a'\".", HelpName = "SEARCH" };
    private readonly Option<string?> orderBy = new("--order-by") { Description = "Their order, e.g. \"metrics.val_wer.min asc, created desc\" [default: newest first]. Runs that lack a key come last.", HelpName = "KEYS" };
    private readonly Option<bool> deleted = new("--deleted") { Description = "The deleted runs instead of the others." };

    public IEnumerable<Option> All => [where, orderBy, deleted];

    public SearchRuns Of(Invocation call) => new()
    {
        Where = call.Value(where),
        OrderBy = call.Value(orderBy),
        Deleted = call.Value(deleted) ? DeletedRuns.Only : DeletedRuns.Hidden,
        Take = LargestPage,
    };
}
