using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Access;

/// <summary><c>tokens</c>: who may use the nodes, and for what.</summary>
internal static class TokensCommand
{
    public static Command Create() =>
        new CliCommand("tokens", "Who may use the nodes, and for what: create, list, revoke.", "lipsol tokens create captions --role read --expires 30d", "lipsol tokens list")
            .With(Make(), List(), Revoke());

    private static Command Make()
    {
        var name = Name();
        var role = new Option<string>("--role") { Description = "read: look at things, have clips read. run: also train, register, import. admin: also promote, delete, drain, tokens.", HelpName = "read|run|admin", Required = true };
        role.AcceptOnlyFromAmong("read", "run", "admin");
        var expires = new Option<string?>("--expires") { Description = "For how long it holds, e.g. 12h, 30d or 52w [default: until it's revoked].", HelpName = "TIME" };
        return new CliCommand("create", "Make a token, which is shown this once.", "lipsol tokens create captions --role read --expires 30d", "lipsol tokens create ci --role run --json")
            .With(name, role, expires).Does(async call =>
            {
                var holds = call.Value(expires) is { } text ? Duration(text) : (TimeSpan?)null;
                await using var node = await NodeSession.OpenAsync(call);
                var made = await node.Client.Tokens.CreateAsync(new CreateToken { Name = call.Value(name), Role = Enum.Parse<TokenRole>(call.Value(role)!, ignoreCase: true), ExpiresAt = DateTimeOffset.UtcNow + holds }, call.Cancelled);
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(made);
                    return ExitStatus.Done;
                }
                // By itself on stdout, for whoever passes it on.
                call.Terminal.Line(made.Token);
                call.Terminal.Note($"{made.Name} has the role {Text(made.Role)}{(made.ExpiresAt is { } end ? $" until {Time(end)}" : "")}. Keep the token now: it isn't shown again. Programs take it from LIPSOL_TOKEN; `lipsol tokens revoke {made.Name}` ends it.");
                return ExitStatus.Done;
            });
    }

    private static Command List() =>
        new CliCommand("list", "All tokens: what they are for, since when, by whom, until when. Not the tokens themselves: nobody knows them but who has them.", "lipsol tokens list", "lipsol tokens list --json").Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var tokens = await node.Client.Tokens.ListAsync(call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(tokens);
            else if (tokens.Count == 0) call.Terminal.Line("no named token; the nodes' own, in the file \"token\", is always there");
            else call.Terminal.Table(Table(tokens));
            return ExitStatus.Done;
        });

    private static Command Revoke()
    {
        var name = Name();
        var yes = Confirmation.Yes();
        return new CliCommand("revoke", "From now on the token lets nobody in: on all nodes within three seconds. Asks: nobody can bring it back.", "lipsol tokens revoke captions", "lipsol tokens revoke captions --yes").With(name, yes).Does(async call =>
        {
            Confirmation.Require(call, yes, $"Revoke the token \"{call.Value(name)}\"? What uses it is refused from then on, and needs a new one.");
            await using var node = await NodeSession.OpenAsync(call);
            var revoked = await node.Client.Tokens.RevokeAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(revoked);
            else call.Terminal.Line($"{revoked.Name} lets nobody in any more");
            return ExitStatus.Done;
        });
    }

    /// <exception cref="BadInputException">It's no such time.</exception>
    internal static TimeSpan Duration(string text)
    {
        var unit = text.Length > 1 ? text[^1] switch { 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), 'w' => TimeSpan.FromDays(7), _ => TimeSpan.Zero } : TimeSpan.Zero;
        return unit > TimeSpan.Zero && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 10_000
            ? count * unit
            : throw new BadInputException($"--expires is \"{text}\". Write it as 12h, 30d or 52w.");
    }

    private static Argument<string> Name() => new("NAME") { Description = "The token's name: whom or what it's for." };

    private static Table Table(IReadOnlyList<NamedToken> tokens)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "role", "state", "made", "by", "until");
        foreach (var token in tokens)
            table.AddRow([.. new[] { token.Name, Text(token.Role), State(token), Time(token.CreatedAt), token.CreatedBy, token.ExpiresAt is { } end ? Time(end) : "revoked" }.Select(Markup.Escape)]);
        return table;
    }

    private static string State(NamedToken token) =>
        token.RevokedAt is { } at ? $"revoked {Time(at)} by {token.RevokedBy}" : token.ExpiresAt <= DateTimeOffset.UtcNow ? "expired" : "holds";

    private static string Text(TokenRole role) => role.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
