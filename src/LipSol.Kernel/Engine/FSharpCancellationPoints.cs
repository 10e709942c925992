using System.Collections;
using System.Reflection;
using System.Text;
using FSharp.Compiler.Interactive;
using FSharp.Compiler.Syntax;
using Microsoft.FSharp.Core;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Puts <see cref="CancellationPoint"/>s into the F# of a cell: at the beginning of each loop's and each function's body. No token changes its column, since F# reads blocks off columns, and each
/// keeps its line by a directive (F# language specification, sections 3.9 and 15.1). What cleans up (<c>finally</c>, <c>Dispose</c>) is done whole; what is quoted has none, nor has a query.
/// </summary>
internal static class FSharpCancellationPoints
{
    private const string Type = "global.LipSol.Kernel.Engine." + nameof(CancellationPoint);
    private const string Statement = $"{Type}.{nameof(CancellationPoint.Reach)} ()";
    private const string Shield = $"use _ = {Type}.{nameof(CancellationPoint.Shield)} ()";

    // What can have a loop or a function in it; of all else (types, patterns, comments, places) nothing is looked at.
    private static readonly Type[] Parts = [typeof(ParsedInput), typeof(ParsedImplFileInput), typeof(SynModuleOrNamespace), typeof(SynModuleDecl), typeof(SynTypeDefn), typeof(SynTypeDefnRepr), typeof(SynMemberDefn),
        typeof(SynBinding), typeof(SynExpr), typeof(SynMatchClause), typeof(SynLetOrUse), typeof(SynInterpolatedStringPart), typeof(SynExprRecordField), typeof(SynInterfaceImpl)];

    /// <summary><paramref name="code"/> with points where it has places for them and goes on to compile with them; else as it is.</summary>
    /// <param name="code">Text that <paramref name="session"/> could run next.</param>
    /// <param name="origin">What stack traces call it.</param>
    /// <param name="session">The session, which runs nothing here.</param>
    public static string PutInto(string code, string origin, Shell.FsiEvaluationSession session)
    {
        var (parsed, understood, _) = session.ParseAndCheckInteraction(code, FSharpOption<bool>.None);
        if (HasErrors(parsed.Diagnostics) || HasErrors(understood.Diagnostics))
            return code;
        var places = new SortedDictionary<(int Line, int Column), string>();
        Find(parsed.ParseTree, places);
        if (places.Count == 0)
            return code;
        var changed = Insert(code, origin, places);
        (parsed, understood, _) = session.ParseAndCheckInteraction(changed, FSharpOption<bool>.None);
        return HasErrors(parsed.Diagnostics) || HasErrors(understood.Diagnostics) ? code : changed;
    }

    private static bool HasErrors(IEnumerable<FSharp.Compiler.Diagnostics.FSharpDiagnostic> diagnostics) => diagnostics.Any(d => d.Severity.IsError);

    private static string Insert(string code, string origin, SortedDictionary<(int Line, int Column), string> places)
    {
        var changed = new StringBuilder();
        var lines = code.Split('\n');
        for (var number = 1; number <= lines.Length; number++)
        {
            var (line, from) = (lines[number - 1], 0);
            foreach (var ((_, column), statement) in places.Where(p => p.Key.Line == number))
            {
                changed.Append(line, from, column - from).Append(statement).Append($"\n# {number} \"{origin}\"\n").Append(' ', column);
                from = column;
            }

            changed.Append(line, from, line.Length - from);
            if (number < lines.Length) changed.Append('\n');
        }

        return changed.ToString();
    }

    private static void Find(object? node, SortedDictionary<(int Line, int Column), string> places)
    {
        switch (node)
        {
            case SynExpr.Quote or SynExpr.App { funcExpr: SynExpr.Ident { ident.idText: "query" } }:
                return;
            case SynExpr.TryFinally tried:
                Find(tried.tryExpr, places);
                Add(tried.finallyExpr, places, Shield);
                return;
            case SynExpr.While loop:
                Add(loop.doExpr, places);
                break;
            case SynExpr.WhileBang loop:
                Add(loop.doExpr, places);
                break;
            case SynExpr.For loop:
                Add(loop.doBody, places);
                break;
            // "->" before the body: an expression, and no block that a statement could begin.
            case SynExpr.ForEach loop when !loop.seqExprOnly.Item:
                Add(loop.bodyExpr, places);
                break;
            case SynExpr.Lambda lambda:
                // A function of several parameters is one of one that gives the next; its own body is kept beside.
                if (lambda is { inLambdaSeq: false, parsedData.Value: { } whole })
                    Add(whole.Item2, places);
                Find(lambda.body, places);
                return;
            // On one line with the next, no clause can begin with a statement.
            case SynExpr.MatchLambda choice when choice.matchClauses.Select(c => c.resultExpr.Range.StartLine).Distinct().Count() == choice.matchClauses.Length:
                foreach (var clause in choice.matchClauses) Add(clause.resultExpr, places);
                break;
            case SynBinding { headPat: SynPat.LongIdent { argPats: SynArgPats.Pats { pats.IsEmpty: false }, longDotId: var name } } function:
                if (name.LongIdent.Last().idText is not ("Dispose" or "DisposeAsync"))
                {
                    Add(function.expr, places);
                    break;
                }

                Add(function.expr, places, Shield);
                return;
        }

        foreach (var property in node!.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || !MayHold(property.PropertyType)) continue;
            Descend(property.GetValue(node), places);
        }
    }

    private static bool MayHold(Type type) => Array.Exists(Parts, part => part.IsAssignableFrom(type)) || (type.IsGenericType && type.GetGenericArguments().Any(MayHold));

    private static void Descend(object? value, SortedDictionary<(int Line, int Column), string> places)
    {
        if (value is null) return;
        if (value is IEnumerable items and not string)
        {
            foreach (var item in items) Descend(item, places);
        }
        else if (value is System.Runtime.CompilerServices.ITuple tuple)
        {
            for (var i = 0; i < tuple.Length; i++) Descend(tuple[i], places);
        }
        else if (value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(FSharpOption<>))
        {
            Descend(type.GetProperty("Value")!.GetValue(value), places);
        }
        else if (MayHold(value.GetType()))
        {
            Find(value, places);
        }
    }

    // Where a body begins with another's, the inner one's point serves both.
    private static void Add(SynExpr body, SortedDictionary<(int Line, int Column), string> places, string statement = Statement) => places[(body.Range.StartLine, body.Range.StartColumn)] = statement;
}
