using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary>Follows a run live on one progress line.</summary>
internal static class RunFollower
{
    public static async Task<Run> FollowAsync(Invocation call, LipSolClient client, Run run, string? what = null)
    {
        using var progress = call.Terminal.Progress(what ?? $"run {run.Id}", "");
        var latest = new Dictionary<string, double>();
        await foreach (var happened in client.Runs.FollowAsync(run.Id, 0, call.Cancelled))
        {
            foreach (var point in happened.Points) latest[point.Name] = point.Value;
            progress.Stage($"{what ?? $"run {run.Id}"} {happened.Phase ?? happened.Status.ToString().ToLowerInvariant()}".TrimEnd(), "");
            var waits = happened.Status == RunStatus.Queued ? (await client.Runs.GetAsync(run.Id, call.Cancelled)).Waits : null;
            progress.Report(happened.Progress, 1, Note(happened, waits, latest));
        }
        return await client.Runs.GetAsync(run.Id, call.Cancelled);
    }

    private static string Note(RunEvent happened, string? waits, Dictionary<string, double> latest)
    {
        if (happened.Status == RunStatus.Queued) return string.Join("; ", new[] { happened.Reason, waits }.OfType<string>());
        string[] shown = ["train.loss", "val.loss", "val.word_accuracy", "train_loss", "val_loss", "val_accuracy", "val_cer", "val_wer", "loss"];
        return string.Join("  ", shown.Where(latest.ContainsKey).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} {latest[name]:0.###}")));
    }
}
