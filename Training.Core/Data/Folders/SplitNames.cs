using System.Text.RegularExpressions;

namespace Training.Core.Data.Folders;

/// <summary>
/// Which folder names say train, val or test: in several languages, in any case, with numbers, with what such folders are often called
/// besides (<c>1.Training</c>, <c>train_images</c>, <c>학습용데이터</c>), and with a word that all of them share (<c>seg_train</c>,
/// <c>seg_test</c>).
/// </summary>
internal static partial class SplitNames
{
    private const Split Train = Split.Train, Val = Split.Val, Test = Split.Test;

    private static readonly Dictionary<string, Split> Words = Table(
        (Train, "train trains training trn trainval learning entrainement entraînement apprentissage entrenamiento treino treinamento "
            + "addestramento trainings обучение обучающая тренировка uczenie trening eğitim 학습 훈련 트레인 트레이닝 学習 訓練 トレーニング 训练 训练集"),
        (Val, "val valid validate validation validating vali vld dev devel development validierung validierungs validación validacion "
            + "validação validacao validazione валидация walidacja doğrulama 검증 밸리데이션 検証 バリデーション 验证 驗證 验证集"),
        (Test, "test tests testing tst pred preds predict prediction predictions inference essai prueba teste prova тест тестовая "
            + "시험 테스트 추론 テスト 試験 测试 測試 测试集"));

    /// <summary>Names of folders that validate where nothing else does, and test otherwise.</summary>
    private static readonly HashSet<string> Weak = [.. "eval evaluate evaluation evaluating holdout heldout 평가 評価 评估".Split(' ')];

    /// <summary>Longer ones first: "dataset" before "data".</summary>
    private static readonly string[] Fillers =
    [
        .. ("datasets dataset data daten sets set images image imgs img photos photo pictures picture pics "
            + "pic fotos foto frames splits split folder files jpegs jpeg jpg png samples sample subset labelled labeled public private "
            + "new final for the of source raw original "
            + "원천데이터 원천 원본 데이터셋 데이터 이미지 사진 집합 세트 셋 용 폴더 データセット データ 画像 写真 セット 用 数据集 数据 資料 资料 图像 图片 圖片 照片 集")
            .Split(' ').OrderByDescending(word => word.Length),
    ];

    /// <param name="names">Of all folders side by side.</param>
    public static Split?[] Of(IReadOnlyList<string> names)
    {
        var read = names.Select(Read).ToList();
        var found = read.ConvertAll(each => each is { } word && (word.Shared.Length == 0
            || read.Exists(other => other is { } sibling && sibling.Shared == word.Shared && sibling.Split != word.Split)) ? each : null);
        var validated = found.Exists(each => each is { Split: Val, IsWeak: false });
        return [.. found.Select(each =>
            each is null ? (Split?)null : each.Value is { IsWeak: true } && validated ? Test : each.Value.Split)];
    }

    public static Split? Of(string name) => Of([name])[0];

    /// <summary>Whether a folder of this name holds images of any kind: it names no class.</summary>
    public static bool IsContainer(string name) => Tokens(name).TrueForAll(token => Strip(token).Length == 0);

    /// <summary>The one split that a name speaks of and what else it says; null where it speaks of none, or of two.</summary>
    internal static (Split Split, bool IsWeak, string Shared)? Read(string name)
    {
        (Split Split, bool IsWeak)? found = null;
        var rest = new List<string>();
        foreach (var token in Tokens(name))
        {
            var core = Strip(token);
            var split = Words.TryGetValue(core, out var known) ? known : Weak.Contains(core) ? Val : (Split?)null;
            if (split is null && core.Length > 0) rest.Add(core);
            if (split is null) continue;
            if (found is { } other && other.Split != split) return null;
            found = (split.Value, Weak.Contains(core));
        }
        return found is { } one ? (one.Split, one.IsWeak, string.Join(' ', rest)) : null;
    }

    private static List<string> Tokens(string name)
    {
        var apart = HeldOut().Replace(Boundary().Replace(ClassNames.Compose(name), " "), "$1out");
        return [.. Separator().Split(ClassNames.Key(apart)).Where(token => token.Length > 0 && !token.All(char.IsDigit))];
    }

    /// <summary>Without the words that such folders are called besides, written together or not: "trainset", "학습데이터".</summary>
    private static string Strip(string token)
    {
        while (!Words.ContainsKey(token) && !Weak.Contains(token))
        {
            var filler = Array.Find(Fillers, word => token == word || (Ends(word, token) && IsWordBefore(token[..^word.Length])));
            if (filler is null) return token;
            token = token[..^filler.Length];
        }
        return token;
    }

    private static bool Ends(string word, string token) => token.EndsWith(word, StringComparison.Ordinal);

    /// <summary>
    /// "set" ends "trainset", and "sunset" too: what is before it has to be a word of ours, or of a script without blanks.
    /// </summary>
    private static bool IsWordBefore(string token) =>
        Words.ContainsKey(token) || Weak.Contains(token) || token.Length > 0 && token[^1] > '\u0fff'
        || Array.Exists(Fillers, word => token == word || Ends(word, token) && IsWordBefore(token[..^word.Length]));

    private static Dictionary<string, Split> Table(params (Split Split, string Words)[] lists) => lists
        .SelectMany(list => list.Words.Split(' ').Select(word => (Word: ClassNames.Key(word), list.Split)))
        .DistinctBy(each => each.Word).ToDictionary(each => each.Word, each => each.Split, StringComparer.Ordinal);

    [GeneratedRegex(@"(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})")]
    private static partial Regex Boundary();

    [GeneratedRegex(@"[^\p{L}\p{M}\p{N}]+")]
    private static partial Regex Separator();

    [GeneratedRegex(@"\b(hold|held)[ _.-]?out\b", RegexOptions.IgnoreCase)]
    private static partial Regex HeldOut();
}
