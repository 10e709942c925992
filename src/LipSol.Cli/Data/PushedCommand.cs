using System.CommandLine;
using System.Globalization;
using LipSol.Artifacts.Remotes;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Data.Objects;

namespace LipSol.Cli.Data;

/// <summary><c>data pushed</c>: the records of pushes that keep a remote's contents from gc.</summary>
internal static class PushedCommand
{
    public static Command Create()
    {
        var repository = DataCommand.Repository();
        var remote = DataCommand.Remote();
        var forget = new Option<string[]>("--forget") { Description = "Take the record of this push away, by its id (or the beginning of it), so that the next gc may remove what nothing else refers to; repeatable. Asks before.", HelpName = "ID" };
        var yes = Confirmation.Yes();
        return new CliCommand("pushed", "The corpora, models and runs that were pushed to a remote, from whatever node: gc keeps what they need until their record is taken away. Versions of `data push` are there for some days too, until what is committed names them.",
                "lipsol data pushed", "lipsol data pushed --remote s3://bucket/urdu --forget 0123abcd")
            .With(repository, remote, forget, yes)
            .Does(async call =>
            {
                using var opened = NodeObjects.Remote(call, call.Value(repository), call.Value(remote));
                await opened.RequireAsync(call.Cancelled);
                var records = (await opened.RecordsAsync(call.Cancelled)).OrderBy(r => r.Value.At).ToArray();
                var chosen = (call.Value(forget) ?? []).Select(id => One(records, id, opened.Name)).DistinctBy(r => r.Key).ToArray();
                if (chosen.Length > 0)
                {
                    foreach (var record in chosen) call.Terminal.Note($"  {Text(record)}");
                    Confirmation.Require(call, yes, $"Take {(chosen.Length == 1 ? "this record" : "these records")} away? Whoever relies on what was pushed may lose it with the next gc.");
                    foreach (var record in chosen) await opened.ForgetAsync(record.Key, call.Cancelled);
                    records = [.. records.Except(chosen)];
                }
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(new { remote = opened.Name, pushed = records.Select(r => new { id = r.Key, r.Value.Kind, r.Value.Name, r.Value.At, r.Value.Roots }), forgotten = chosen.Select(c => c.Key) });
                    return ExitStatus.Done;
                }
                foreach (var record in records) call.Terminal.Line(Text(record));
                call.Terminal.Line($"{opened.Name}: {records.Length} recorded{(chosen.Length > 0 ? $", {chosen.Length} taken away" : "")}");
                return ExitStatus.Done;
            });
    }

    private static KeyValuePair<string, PushRecord> One(KeyValuePair<string, PushRecord>[] records, string id, string remote) => records.Where(r => id.Length > 0 && r.Key.StartsWith(id, StringComparison.Ordinal)).ToArray() switch
    {
        [var one] => one,
        [] => throw new BadInputException($"{remote} has no record {id}. `lipsol data pushed` lists them."),
        _ => throw new BadInputException($"{remote} has several records that begin with {id}. Give more of it."),
    };

    private static string Text(KeyValuePair<string, PushRecord> record) => $"{record.Key[..8]}  {record.Value.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}  {record.Value.Kind} {record.Value.Name}";
}
