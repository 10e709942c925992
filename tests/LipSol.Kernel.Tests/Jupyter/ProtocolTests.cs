using System.Text.Json.Nodes;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>The real kernel process, over the wire. Cells use names of their own: all tests of this class share the kernel.</summary>
public sealed class ProtocolTests(KernelProcess kernel) : IClassFixture<KernelProcess>
{
    private readonly WireClient _client = kernel.Client;

    [Fact]
    public void It_says_what_it_is_on_shell_and_control_and_its_heart_beats()
    {
        var reply = _client.Reply(_client.Request("kernel_info_request"));
        Assert.Equal(("kernel_info_reply", "ok", "5.3", "C#"), (reply.Type, reply.Status, (string)reply.Content["protocol_version"]!, (string)reply.Content["language_info"]!["name"]!));
        _client.Control("kernel_info_request");
        Assert.Equal("kernel_info_reply", _client.ControlReply().Type);
        Assert.True(_client.HeartBeats());
    }

    [Fact]
    public void A_cell_is_told_as_busy_shown_in_order_and_told_as_idle()
    {
        var (reply, published) = _client.Run("""
            Console.Write("one "); Console.WriteLine("two");
            var place = KernelInvocationContext.Current.Display(HTML("<i>a</i>"), "text/html");
            Console.Error.WriteLine("oops");
            place.Update(HTML("<i>b</i>"));
            "سلام"
            """);
        published = Joined(published);
        Assert.Equal("ok", reply.Status);
        Assert.Equal(["status", "execute_input", "stream", "display_data", "stream", "update_display_data", "execute_result", "status"], published.Select(m => m.Type));
        Assert.Equal("one two\n", (string)published[2].Content["text"]!);
        Assert.Equal(("stderr", "oops\n"), ((string)published[4].Content["name"]!, (string)published[4].Content["text"]!));
        Assert.Equal((string)published[3].Content["transient"]!["display_id"]!, (string)published[5].Content["transient"]!["display_id"]!);
        Assert.Equal(("<i>a</i>", "<i>b</i>"), (published[3].Text("text/html"), published[5].Text("text/html")));
        Assert.Equal("سلام", published[6].Text("text/plain"));
        var count = (int)reply.Content["execution_count"]!;
        Assert.Equal((count, count), ((int)published[1].Content["execution_count"]!, (int)published[6].Content["execution_count"]!));
    }

    [Fact]
    public void An_error_names_the_cells_own_lines_and_what_waits_behind_it_is_aborted()
    {
        // The reason to wait: all three are there before the first one fails.
        var failing = _client.Execute("var until = DateTime.UtcNow.AddSeconds(1); while (DateTime.UtcNow < until) { }\n\nthrow new Exception(\"broken\");");
        var behind = _client.Execute("var ranAfterAnError = 1;");
        var reply = _client.Reply(failing);
        Assert.Equal(("error", "System.Exception", "broken"), (reply.Status, (string)reply.Content["ename"]!, (string)reply.Content["evalue"]!));
        var error = Assert.Single(_client.UntilIdle(failing), m => m.Type == "error");
        Assert.Matches(@"cell \d+, line 3$", (string)error.Content["traceback"]![1]!);
        Assert.Equal(2, error.Content["traceback"]!.AsArray().Count);
        Assert.Equal("aborted", _client.Reply(behind).Status);
        Assert.Equal(["status", "status"], _client.UntilIdle(behind).Select(m => m.Type));
        Assert.Equal("CompilationError", (string)_client.Run("ranAfterAnError").Reply.Content["ename"]!);
    }

    [Fact]
    public void A_silent_cell_runs_and_publishes_nothing()
    {
        var id = _client.Execute("var quiet = 5; Console.Write(\"no\"); quiet", silent: true);
        Assert.Equal("ok", _client.Reply(id).Status);
        Assert.Equal(["status", "status"], _client.UntilIdle(id).Select(m => m.Type));
        Assert.Equal("5", _client.Run("quiet.ToString()").Published.Single(m => m.Type == "execute_result").Text("text/plain"));
    }

    [Fact]
    public void Names_are_completed_where_the_cursor_is_in_code_points()
    {
        _client.Run("var completion = new System.Text.StringBuilder(); string Completable(int n) => \"\";");
        var code = "/* 👄 */ completion.App";
        var reply = Complete(code, code.Length - 1);
        Assert.Contains("AppendLine", Matches(reply));
        Assert.Equal((19, 22), ((int)reply.Content["cursor_start"]!, (int)reply.Content["cursor_end"]!));
        Assert.Contains("Completable", Matches(Complete("var x = Complet", 15)));
        Assert.Contains("Join", Matches(Complete("string.", 7)));
        Assert.Contains("#!markdown", Matches(Complete("#!ma", 4)));
        Assert.Contains("OrderBy", Matches(Complete("#!html\n<b>\n#!csharp\nnew[] { 1 }.Ord", 35)));
        Assert.Empty(Matches(Complete("var s = \"Complet", 16)));
    }

    [Fact]
    public void A_name_is_explained_with_its_documentation()
    {
        _client.Run("/// <summary>How wide the mouth stands open.</summary>\n/// <param name=\"frame\">Which frame.</param>\ndouble Openness(int frame) => 0;");
        var own = Inspect("Openness(3)", 4);
        Assert.Contains("double Openness(int frame)", own);
        Assert.Contains("How wide the mouth stands open.", own);
        Assert.Contains("frame: Which frame.", own);
        // Within the brackets too: that is where Shift-Tab is pressed.
        Assert.Contains("How wide the mouth stands open.", Inspect("Openness(", 9));
        Assert.Contains("Concatenates", Inspect("string.Join(\",\", new[] { \"a\" })", 9));
        var nothing = _client.Reply(_client.Request("inspect_request", new JsonObject { ["code"] = "   ", ["cursor_pos"] = 1, ["detail_level"] = 0 }));
        Assert.False((bool)nothing.Content["found"]!);
    }

    [Theory]
    [InlineData("var x = 1;", "complete")]
    [InlineData("x", "complete")]
    [InlineData("for (var i = 0; i < 3; i++) {", "incomplete")]
    [InlineData("var = = 3;", "invalid")]
    [InlineData("#!html\n<b>", "complete")]
    public void A_console_learns_whether_a_cell_is_a_whole(string code, string status) =>
        Assert.Equal(status, _client.Reply(_client.Request("is_complete_request", new JsonObject { ["code"] = code })).Status);

    [Fact]
    public void Cells_of_this_session_are_remembered()
    {
        var line = (int)_client.Run("\"remembered\"").Reply.Content["execution_count"]!;
        var tail = History(new JsonObject { ["hist_access_type"] = "tail", ["n"] = 1, ["output"] = true, ["raw"] = true });
        Assert.Equal(line, (int)tail[0]![1]!);
        Assert.Equal(("\"remembered\"", "remembered"), ((string)tail[0]![2]![0]!, (string)tail[0]![2]![1]!));
        Assert.Equal("\"remembered\"", (string)History(new JsonObject { ["hist_access_type"] = "search", ["pattern"] = "*ememb*", ["n"] = 5, ["output"] = false, ["raw"] = true })[^1]![2]!);
        Assert.Equal("\"remembered\"", (string)History(new JsonObject { ["hist_access_type"] = "range", ["session"] = 0, ["start"] = line, ["stop"] = line + 1, ["output"] = false, ["raw"] = true }).Single()![2]!);
    }

    [Fact]
    public void Nobody_is_at_the_other_end_of_a_comm()
    {
        var id = _client.Request("comm_open", new JsonObject { ["comm_id"] = "c1", ["target_name"] = "jupyter.widget", ["data"] = new JsonObject() });
        Assert.Equal("c1", (string)_client.UntilIdle(id).Single(m => m.Type == "comm_close").Content["comm_id"]!);
        Assert.Empty(_client.Reply(_client.Request("comm_info_request")).Content["comms"]!.AsObject());
    }

    [Fact]
    public void An_unknown_request_is_refused_and_the_next_one_answered()
    {
        Assert.Equal("error", _client.Reply(_client.Request("teleport_request")).Status);
        Assert.Equal("ok", _client.Reply(_client.Request("kernel_info_request")).Status);
    }

    [Theory]
    [InlineData("Kernel.input(\"who? \")", "who? ")]
    [InlineData("Console.ReadLine()", "")]
    [InlineData("await Kernel.GetInputAsync(\"who? \")", "who? ")]
    public void A_cell_can_ask_the_person(string code, string prompt)
    {
        var id = _client.Execute(code, allowStdin: true);
        var question = _client.InputRequest();
        Assert.Equal((prompt, false), ((string)question.Content["prompt"]!, (bool)question.Content["password"]!));
        Assert.Equal(id, question.ParentId);
        _client.AnswerInput("آمنہ");
        Assert.Equal("ok", _client.Reply(id).Status);
        Assert.Equal("آمنہ", _client.UntilIdle(id).Single(m => m.Type == "execute_result").Text("text/plain"));
    }

    [Fact]
    public void Where_nobody_can_be_asked_the_cell_is_told()
    {
        var reply = _client.Run("Kernel.input(\"who?\")").Reply;
        Assert.Contains("Nobody can be asked", (string)reply.Content["evalue"]!);
    }

    [Fact]
    public void What_a_background_task_writes_belongs_to_the_cell_that_started_it()
    {
        var starter = _client.Execute("var go = new TaskCompletionSource(); var later = Task.Run(async () => { await go.Task; Console.WriteLine(\"from behind\"); });");
        _client.Reply(starter);
        var other = _client.Execute("go.SetResult(); await later;");
        _client.Reply(other);
        var text = _client.Heard.Find(IsIt) ?? _client.Hear(IsIt, WireClient.Patience)!;
        Assert.Equal(starter, text.ParentId);
        _client.UntilIdle(other);

        static bool IsIt(WireMessage message) => message.Type == "stream" && (string)message.Content["text"]! == "from behind\n";
    }

    [Fact]
    public void A_message_with_a_wrong_signature_is_dropped()
    {
        _client.UntilIdle(_client.Request("kernel_info_request"));
        var before = _client.Heard.Count;
        _client.SendRaw("kernel_info_request", new string('0', 64));
        _client.SendRaw("kernel_info_request", "");
        var right = _client.Request("kernel_info_request");
        Assert.Equal("ok", _client.Reply(right).Status);
        _client.UntilIdle(right);
        // Nothing at all was published for the others.
        Assert.All(_client.Heard.Skip(before), m => Assert.Equal(right, m.ParentId));
    }

    [Fact]
    public void Ten_thousand_updates_of_a_display_arrive_all_and_in_order()
    {
        var (reply, published) = _client.Run("var counter = KernelInvocationContext.Current.DisplayAs(\"start\", \"text/plain\"); for (var i = 0; i < 10_000; i++) counter.Update(i.ToString());");
        Assert.Equal("ok", reply.Status);
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"{i}"), published.Where(m => m.Type == "update_display_data").Select(m => m.Text("text/plain")));
    }

    [Fact]
    public void Fifty_megabytes_of_output_are_cut_with_a_note_and_the_kernel_goes_on()
    {
        var (reply, published) = _client.Run("var line = new string('x', 999); for (var i = 0; i < 50_000; i++) Console.WriteLine(line);");
        Assert.Equal("ok", reply.Status);
        var text = published.Where(m => m.Type == "stream").Select(m => (string)m.Content["text"]!).ToList();
        Assert.InRange(text.Sum(t => (long)t.Length), 16_000_000, 17_000_000);
        Assert.Contains("left out", text[^1]);
        // Text that follows on itself is sent together: not a message a line.
        Assert.InRange(text.Count, 2, 2000);
        var (next, shown) = _client.Run("display(new string('y', 20_000_000)); 1 + 1");
        Assert.Equal("ok", next.Status);
        Assert.Contains("left out", (string)shown.Single(m => m.Type == "stream").Content["text"]!);
    }

    [Fact]
    public void Ten_threads_that_write_at_once_lose_nothing()
    {
        var (_, published) = _client.Run("await Task.WhenAll(Enumerable.Range(0, 10).Select(t => Task.Run(() => { for (var i = 0; i < 200; i++) Console.WriteLine($\"{t}:{i}\"); })));");
        var text = string.Concat(published.Where(m => m.Type == "stream").Select(m => (string)m.Content["text"]!));
        Assert.Equal(2000, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    // Text that follows on itself comes in several messages where the kernel was kept from writing for a moment.
    private static List<WireMessage> Joined(List<WireMessage> published)
    {
        var joined = new List<WireMessage>();
        foreach (var message in published)
        {
            if (message.Type == "stream" && joined is [.., { Type: "stream" } last] && (string)last.Content["name"]! == (string)message.Content["name"]!)
                joined[^1] = last with { Content = new JsonObject { ["name"] = (string)last.Content["name"]!, ["text"] = (string)last.Content["text"]! + (string)message.Content["text"]! } };
            else
                joined.Add(message);
        }

        return joined;
    }

    private WireMessage Complete(string code, int position) =>
        _client.Reply(_client.Request("complete_request", new JsonObject { ["code"] = code, ["cursor_pos"] = position }));

    private static List<string> Matches(WireMessage reply) => [.. reply.Content["matches"]!.AsArray().Select(m => m!.ToString())];

    private string Inspect(string code, int position)
    {
        var reply = _client.Reply(_client.Request("inspect_request", new JsonObject { ["code"] = code, ["cursor_pos"] = position, ["detail_level"] = 0 }));
        Assert.True((bool)reply.Content["found"]!, $"nothing found in {code}");
        return reply.Text("text/plain")!;
    }

    private JsonArray History(JsonObject request) => _client.Reply(_client.Request("history_request", request)).Content["history"]!.AsArray();
}
