namespace LipSol.Cli.Tests.Programs;

/// <summary>Of tests that delete runs of the workshop, or purge what is deleted: one at a time.</summary>
internal static class DeletedRuns
{
    public const string Collection = "deleted runs";
}
