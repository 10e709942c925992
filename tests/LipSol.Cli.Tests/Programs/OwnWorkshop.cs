namespace LipSol.Cli.Tests.Programs;

/// <summary>A second workshop, for tests that put other models into production: in the one of all tests, whoever names no model means the only one.</summary>
[CollectionDefinition(Collection)]
public sealed class OwnWorkshop : IAsyncDisposable, ICollectionFixture<OwnWorkshop>
{
    internal const string Collection = "own workshop";

    private readonly Workshop workshop = new();

    public Task<Workshop> ReadyAsync() => workshop.ReadyAsync();

    public ValueTask DisposeAsync() => workshop.DisposeAsync();
}
