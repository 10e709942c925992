using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace LipSol.Kernel.Tests.Engine;

/// <summary>Points where a cell can be interrupted change nothing else: not what it computes, not the lines of its errors, not what it cleans up.</summary>
public sealed partial class CancellationPointTests : IDisposable
{
    private readonly Cells _cells = new();

    public void Dispose() => _cells.Dispose();

    [Theory]
    [InlineData("int fib(int n) => n < 2 ? n : fib(n - 1) + fib(n - 2);\nfib(10)", "55")]
    [InlineData("var s = 0; for (int i = 0, j = 9; i < j; i++, j--) if (i % 2 == 0) s += i; else s -= 1;\ns", "4")]
    [InlineData("var s = 0; foreach (var (a, b) in new[] { (1, 2), (3, 4) }) s += a * b;\ndo s++; while (s < 20);\ns", "20")]
    [InlineData("if (1 > 2) while (true) break; else Console.Write(\"x\");\n3", "3")]
    [InlineData("var n = 0; again: n++; if (n < 4) goto again;\nn", "4")]
    [InlineData("IEnumerable<int> Odd() { for (var i = 1; ; i += 2) yield return i; }\nOdd().Where(i => i > 4).Take(3).Sum()", "21")]
    [InlineData("System.Linq.Expressions.Expression<Func<int, int>> e = x => x + 1;\ne.ToString()", "x => (x + 1)")]
    [InlineData("Func<object?> f = () => null; Func<List<int>> g = () => new(); Func<long> h = () => 3; Func<int[]> k = () => [1, 2];\n$\"{f()}{g().Count}{h()}{k().Length}\"", "032")]
    [InlineData("Action a = () => Console.Write(\"\"); Action b = () => throw new Exception(); Func<Task> c = async () => await Task.Delay(1); a(); await c();\n5", "5")]
    [InlineData("int F(Func<int> f) => 1; int F(Action a) => 2; int Zero() => 0; void Nothing() { }\nF(() => Zero()) * 10 + F(() => Nothing())", "12")]
    [InlineData("int[] values = [3, 1, 2]; ref int First() => ref values[0]; First() = 7; Array.Sort(values, (a, b) => b - a);\nstring.Join(\",\", values)", "7,2,1")]
    [InlineData("ReadOnlySpan<char> Half(string s) => s.AsSpan(0, s.Length / 2);\nHalf(\"abcd\").ToString()", "ab")]
    [InlineData("class Box { int _n; public int N { get => _n; set => _n = value; } public int Twice => 2 * N; public static Box operator +(Box a, int b) => new Box { N = a.N + b }; public static implicit operator int(Box b) => b.N; }\n((new Box { N = 2 } + 3).Twice + new Box { N = 1 })", "11")]
    [InlineData("abstract record Shape { public abstract double Area(); } record Square(double Side) : Shape { public override double Area() => Side * Side; }\nnew Shape[] { new Square(2), new Square(3) }.Sum(s => s.Area())", "13")]
    [InlineData("System.Threading.CancellationToken A() => default; DateTime B() => default!; T C<T>() => default; List<int> D() => (new()); A(); B();\nC<int>() + D().Count", "0")]
    [InlineData("string Name(Func<int> f, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(f))] string name = \"\") => name;\nvar q = 1;\nName(() => q + 1)", "() => q + 1")]
    [InlineData("string Name(IEnumerable<int> f, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(f))] string name = \"\") => name;\nvar q = 1; while (q < 2) q++;\nName(from x in new[] { 1 } where x > q select x)", "from x in new[] { 1 } where x > q select x")]
    [InlineData("static int M<T>(this Chooser c, Func<T> f) => 1; class Chooser { public int M(Action a) => 2; }\nvar q = 1;\nnew Chooser().M(() => q + 1) * 10 + new Chooser().M(() => q++)", "12")]
    [InlineData("dynamic d = 3; Func<dynamic> f = () => d;\nf() + 1", "4")]
    [InlineData("unsafe int Sum(int[] xs) { var s = 0; fixed (int* p = xs) for (var i = 0; i < xs.Length; i++) s += p[i]; return s; }\nSum([1, 2, 3])", "6")]
    [InlineData("(from x in Enumerable.Range(0, 10) where x % 3 == 0 select x * 2).Sum()", "36")]
    [InlineData("var q = from x in new[] { 1, 2, 3 } from y in new[] { 10, 20 } let z = x * y join w in new[] { 20, 60 } on z equals w + 0 orderby -z, x descending group z by z % 3 into g orderby g.Key select new { g.Key, Sum = g.Sum() };\nstring.Join(\";\", q.Select(g => $\"{g.Key}:{g.Sum}\"))", "0:60;2:40")]
    [InlineData("IOrderedEnumerable<int> sorted = from x in new[] { 2, 1 } orderby x * 2 select x;\nstring.Join(\",\", sorted)", "1,2")]
    [InlineData("var both = from x in new[] { 3, 4 } from y in Enumerable.Range(0, 2) join z in new[] { 1 } on y equals z select z;\nvar q = (from x in new[] { 1, 2 }.AsQueryable() where x > 1 select x);\nvar plain = from x in new[] { 1, 2 } where x > (from y in q select y).Count() select x;\n$\"{both.Sum()} {plain.Sum()}\"", "2 2")]
    [InlineData("var k = 1; while (k < 2) k++;\nvar q = from x in new[] { 1, 2, 3 }.AsQueryable() where x > k orderby x + 1 select x * 2;\n(q.Expression.ToString().Contains(\"Pass\") ? \"points\" : \"none\") + q.Sum()", "none6")]
    [InlineData("var t = await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => { await Task.Yield(); return i; }));\nt.Sum()", "3")]
    [InlineData("// ہونٹ\nvar s = \"\"; foreach (var c in \"ہونٹ\") s += c; /* while */ s", "ہونٹ")]
    public async Task CSharp_means_what_it_meant(string code, string value)
    {
        Assert.NotNull(Changed(code));
        var result = await _cells.RunAsync(code);
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal(value, Text(Assert.Single(_cells.Outputs.OfType<ResultOutput>()).Data.First().Value));
    }

    [Theory]
    [InlineData("let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)\nfib 10", "55")]
    [InlineData("let mutable i = 0\nwhile i < 3 do i <- i + 1\n               i <- i + 0\nfor k in 1 .. 3 do\n    for j in 1 .. 2 do i <- i + k\n    i <- i + 1\ni", "18")]
    [InlineData("let l = [ for x in 1 .. 3 -> x * 2 ]\nlet m = [ for x in 1 .. 3 do x * 2 ]\nlet s = seq { for x in 1 .. 3 do yield x * 2 }\nlet a = async { for x in 1 .. 3 do\n                  do! Async.Sleep 1\n                return 3 } |> Async.RunSynchronously\nl.Length + m.Length + Seq.length s + a", "12")]
    [InlineData("type Counter() =\n    let mutable n = 0\n    member _.Up (k: int) : int =\n        n <- n + k\n        n\n    member this.Twice k = this.Up (2 * k)\nlet c = Counter()\nc.Twice 3", "6")]
    [InlineData("let inline add x y = x + y\nlet compose f g = fun x -> g (f x)\nlet h = compose (fun a -> a + 1) (fun a b -> a * b)\nlet q = <@ fun x -> x + 1 @>\nlet some = query { for x in [1;2;3] do\n                   where (x > 1)\n                   select x }\nh 2 5 + add 1 2 + Seq.length some", "20")]
    [InlineData("let rec even n = if n = 0 then true else odd (n - 1)\nand odd n = if n = 0 then false else even (n - 1)\neven 1000000", "True")]
    [InlineData("match 3 with\n| n when n > 2 -> List.sumBy (fun i ->\n                    let k = i + 1\n                    k * 2) [n]\n| _ -> 0", "8")]
    public async Task FSharp_means_what_it_meant(string code, string value) => Assert.Equal(value, Text(await _cells.ValueAsync("#!fsharp\n" + code)));

    /// <summary>Else what means what it meant may be what ran unchanged.</summary>
    [Fact]
    public void FSharp_gets_points_and_compiles_with_them()
    {
        using var session = FSharpState.NewSession();
        foreach (var code in new[]
                 {
                     "let rec spin = function\n    | 0 -> spin 0\n    | n -> spin (n - 1)", "List.map (fun n -> n + 1) [ 1 ]", "while false do ()", "for i in 1 .. 2 do ignore i", "let half n = n / 2",
                     "type C() =\n    member _.Up n = n + 1", "[ for x in 1 .. 3 do x * 2 ]", "async { for x in 1 .. 3 do do! Async.Sleep 1 }", "try\n    ()\nfinally\n    printfn \"b\"",
                 })
        {
            Assert.Contains(nameof(CancellationPoint), FSharpCancellationPoints.PutInto(code, "cell 1", session), StringComparison.Ordinal);
        }

        foreach (var code in new[] { "1 + 1", "let q = <@ fun x -> x + 1 @>", "[ for x in 1 .. 3 -> x ]", "undefined ()", "let rec spin = function 0 -> spin 0 | n -> spin (n - 1)" })
            Assert.Equal(code, FSharpCancellationPoints.PutInto(code, "cell 1", session));
    }

    [Fact]
    public async Task A_value_that_can_not_be_shown_fails_its_cell()
    {
        foreach (var code in new[] { "#!fsharp\nseq { for i in 1 .. 3 do (if i > 1 then failwith \"boom\"); yield i }", "Enumerable.Range(0, 3).Select(i => i > 1 ? throw new Exception(\"boom\") : i)" })
            Assert.Contains("boom", (await _cells.RunAsync(code).WaitAsync(TimeSpan.FromMinutes(1))).Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("try { Console.WriteLine(\"begun\"); while (true) { } } finally { System.Threading.Thread.Sleep(200); cleaned = 1; }")]
    [InlineData("try { Console.WriteLine(\"begun\"); while (true) { } } finally { await Task.Delay(200); cleaned = 1; }")]
    [InlineData("try { Console.WriteLine(\"begun\"); System.Threading.Thread.Sleep(-1); } finally { System.Threading.Thread.Sleep(200); cleaned = 1; }")]
    [InlineData("{ using var held = new Held(() => Close()); Console.WriteLine(\"begun\"); while (true) { } }")]
    public async Task Cleaning_up_may_wait_and_call(string code)
    {
        await _cells.RunAsync("var cleaned = 0; void Close() { for (var i = 0; i < 3; i++) cleaned = 1; } class Held(Action end) : IDisposable { public void Dispose() => end(); }");
        var result = await _cells.CancelAtFirstOutputAsync(code);
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.Equal("1", Text(await _cells.ValueAsync("cleaned")));
    }

    [Fact]
    public async Task Errors_behind_points_keep_their_lines()
    {
        var result = await _cells.RunAsync("int Third(int[] xs)\n{\n    foreach (var x in xs) { if (x < 0) break; }\n    return xs[2];\n}\nfor (var i = 0; i < 2; i++)\n    Third([i]);");
        Assert.Equal(["   at Third() in cell 1, line 4", "   at cell 1, line 7"], result.Error!.Traceback.Where(l => l.Contains("cell 1", StringComparison.Ordinal)).Select(l => l.Replace("Third(Int32[])", "Third()", StringComparison.Ordinal)));
        result = await _cells.RunAsync("for (;;) { undefined(); }");
        Assert.StartsWith("(1,12): error CS0103", result.Error!.Message);
        result = await _cells.RunAsync("#!fsharp\nlet halve (xs: int list) =\n    xs |> List.map (fun x ->\n        let y = 2\n        x / (y - 2))\nfor i in 1 .. 2 do\n    halve [i] |> ignore");
        Assert.Contains("cell 3, line 5", string.Join('\n', result.Error!.Traceback));
        Assert.Contains("cell 3, line 7", string.Join('\n', result.Error!.Traceback));
    }

    [Fact]
    public async Task What_cleans_up_is_done_whole()
    {
        await _cells.RunAsync("var cleaned = 0; void Up() { cleaned++; } class Held(Action end) : IDisposable { public void Dispose() { for (var i = 0; i < 3; i++) end(); } }");
        var result = await _cells.CancelAtFirstOutputAsync("using (new Held(() => Up()))\n{\n    try { Console.WriteLine(\"begun\"); while (true) { } }\n    finally { for (var i = 0; i < 100; i++) Up(); }\n}");
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.Equal("103", Text(await _cells.ValueAsync("cleaned")));
        await _cells.RunAsync("#!fsharp\nlet mutable cleaned = 0\nlet up () = cleaned <- cleaned + 1");
        result = await _cells.CancelAtFirstOutputAsync("#!fsharp\ntry\n    printfn \"begun\"\n    while true do ()\nfinally\n    for i in 1 .. 100 do up ()");
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.Equal("100", Text(await _cells.ValueAsync("#!fsharp\ncleaned")));
    }

    // With points, as its compiler sees it.
    private static string? Changed(string code)
    {
        var options = ScriptOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithAllowUnsafe(true)
            .AddImports("System", "System.Collections.Generic", "System.Linq", "System.Threading", "System.Threading.Tasks").AddReferences(typeof(Enumerable).Assembly, typeof(List<>).Assembly, typeof(CellEngine).Assembly);
        var script = CSharpScript.Create(code, options);
        Assert.DoesNotContain(script.GetCompilation().GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
        var changed = CSharpCancellationPoints.PutInto(script.GetCompilation());
        if (changed is not null)
            Assert.DoesNotContain(CSharpScript.Create(changed, options).GetCompilation().GetDiagnostics(), d => d.Severity == DiagnosticSeverity.Error);
        return changed;
    }

    private static string Text(string shown) => System.Net.WebUtility.HtmlDecode(Markup().Match(shown) is { Success: true } match ? match.Groups[1].Value : shown);

    [System.Text.RegularExpressions.GeneratedRegex("<pre>(.*?)</pre>")]
    private static partial System.Text.RegularExpressions.Regex Markup();
}
