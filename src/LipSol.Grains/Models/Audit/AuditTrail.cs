using System.Globalization;
using LipSol.Contracts.Models;

namespace LipSol.Grains.Models.Audit;

/// <summary>
/// A model's audit trail: the latest entries are in the model's own record, written with the change that they tell of; older ones in full pages that are never written again. A page is written before its entries leave the record,
/// so that a crash in between leaves them in both, and the same page is written again.
/// </summary>
internal static class AuditTrail
{
    /// <summary>Entries of a page. The record holds less than two pages of them.</summary>
    public const int PageSize = 200;

    /// <summary>Moves the oldest entries of a record into a page where it holds two pages of them. To be written by the caller.</summary>
    public static async Task TurnPageAsync(IGrainFactory grains, string model, ModelState state)
    {
        if (state.Decisions.Count < 2 * PageSize) return;
        await Page(grains, model, state.Pages).WriteAsync(state.Decisions[..PageSize]);
        state.Decisions = state.Decisions[PageSize..];
        state.Pages++;
    }

    /// <summary>Entries, newest first.</summary>
    public static async Task<ModelHistory> ReadAsync(IGrainFactory grains, string model, int pages, List<PromotionDecision> latest, int skip, int take)
    {
        int paged = pages * PageSize, total = paged + latest.Count;
        int end = Math.Max(0, total - Math.Max(0, skip)), start = Math.Max(0, end - Math.Clamp(take, 1, 2 * PageSize));
        var entries = new List<PromotionDecision>(end - start);
        for (int page = start / PageSize; page < pages && page * PageSize < end; page++)
        {
            List<PromotionDecision> all = await Page(grains, model, page).GetAsync();
            entries.AddRange(all.Where((_, i) => page * PageSize + i >= start && page * PageSize + i < end));
        }
        if (end > paged) entries.AddRange(latest[Math.Max(0, start - paged)..(end - paged)]);
        entries.Reverse();
        return new ModelHistory(entries, total);
    }

    /// <summary>The promotion that was decided under a key; null where none was, or where it came to nothing only since a node couldn't load the version.</summary>
    public static async Task<PromotionDecision?> FindAsync(IGrainFactory grains, string model, int pages, List<PromotionDecision> latest, string key)
    {
        if (key.Length == 0) return null;
        if (latest.FindLast(IsIt) is { } known) return known;
        for (int page = pages - 1; page >= 0; page--)
            if ((await Page(grains, model, page).GetAsync()).FindLast(IsIt) is { } found) return found;
        return null;

        bool IsIt(PromotionDecision decision) => decision.Key == key && (decision.Promoted || decision.Evidence is not { Passes: true });
    }

    private static IModelHistoryPageGrain Page(IGrainFactory grains, string model, int page) => grains.GetGrain<IModelHistoryPageGrain>(string.Create(CultureInfo.InvariantCulture, $"{model}/{page}"));
}
