namespace LipSol.Contracts.Models;

/// <summary>What was done to a model.</summary>
public enum DecisionKind
{
    /// <summary>A version was judged, and put into production or refused.</summary>
    Promotion,
    /// <summary>Back to the version before, or a trial ended by a rollback.</summary>
    Rollback,
    /// <summary>A version began to answer a share of the requests.</summary>
    Canary,
    /// <summary>A version began to read along.</summary>
    Shadow,
    /// <summary>A trial was ended.</summary>
    Stop,
    /// <summary>An alias was pointed at a version.</summary>
    Alias,
    /// <summary>A version, or the model, was deleted.</summary>
    Deletion,
}

/// <summary>A part of a model's audit trail, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Total">How many there are in all.</param>
[GenerateSerializer, Alias("lipsol.ModelHistory"), Immutable]
public sealed record ModelHistory([property: Id(0)] List<PromotionDecision> Entries, [property: Id(1)] int Total);

/// <summary>A full page of a model's audit trail: written once, never changed. Key: <c>name/page</c>.</summary>
[Alias("lipsol.IModelHistoryPageGrain")]
public interface IModelHistoryPageGrain : IGrainWithStringKey
{
    /// <summary>The entries, oldest first; empty where the page wasn't written.</summary>
    [Alias("Get")] Task<List<PromotionDecision>> GetAsync();
    /// <summary>Writes the page. Repeatable with the same entries.</summary>
    [Alias("Write")] Task WriteAsync(List<PromotionDecision> entries);
}
